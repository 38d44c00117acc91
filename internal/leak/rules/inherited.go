package rules

import (
	"fmt"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

func inherited() leak.Rule {
	return leak.Rule{
		ID: "inherited", Title: "a child that inherited the descriptor keeps the connection open", Severity: leak.Leak,
		Doc: leak.Doc{
			Means: "The program has closed its descriptor, but a process that it started still has a copy. The " +
				"connection stays open, and the peer never sees its end.",
			Causes: "fork() and exec() while a connection without FD_CLOEXEC is open, or fork() in a handler: the child knows " +
				"nothing of the descriptor and keeps it until it ends.",
			Evidence: "All holders are descendants of a program that does not hold it any more, and none of them waits " +
				"for it. Through exec() it can only have come without FD_CLOEXEC (the descriptor table, or flags: in " +
				"/proc/PID/fdinfo/FD), and a connection that is older than the process (clocks that start with the handshake, " +
				"against field 22 of /proc/PID/stat), or came in on a listener that only its parent has, cannot be its own. What an " +
				"earlier sample saw the parent hold is known too.",
			BlindSpot: "A listener has no age, and a connection on which data moves lately has a young one. A process whose parent " +
				"has ended was adopted by init: the chain of parents is then lost.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "open with SOCK_CLOEXEC and accept4(..., SOCK_CLOEXEC); close it in the child; shutdown() before close() ends the connection whoever has a copy",
			socket.Python:         "subprocess.Popen(close_fds=True), the default, and no set_inheritable(True); after os.fork() close it in the child; shutdown() before close() ends it for both",
			socket.Go:             "os/exec passes only ExtraFiles; set syscall.CloseOnExec(fd) on descriptors from syscall.Socket and syscall.Accept",
			socket.Node:           "child_process.spawn with stdio: ['ignore', 'pipe', 'pipe']; pass no socket in stdio or send() unless the child is to serve it",
			socket.Java:           "ProcessBuilder closes descriptors above 2 in the child; a native library or JNI fork() must set FD_CLOEXEC itself",
			socket.Ruby:           "Process.spawn(..., close_others: true), and no sock.close_on_exec = false",
			socket.Native:         "socket(..., SOCK_STREAM | SOCK_CLOEXEC, 0), accept4(fd, ..., SOCK_CLOEXEC); between fork() and exec(): close_range(3, ~0U, 0)",
			socket.PHP:            "close the connection in the child after pcntl_fork(); proc_open() passes descriptors that lack FD_CLOEXEC",
			socket.Erlang:         "start ports with a wrapper that closes descriptors above 2",
		}},
		States:  socket.StateSet(socket.Established, socket.CloseWait, socket.FinWait2, socket.Listen, socket.Close),
		Foreign: true,
		Match: func(c *leak.Case, s *socket.Socket) bool {
			return s.IsTCP() && held(s) && wasConnected(s) && c.HeldByDescendants(s)
		},
		Ripe: func(c *leak.Case, s *socket.Socket) bool {
			return s.State == socket.Listen || c.Idle(s) >= c.Settings.Grace
		},
		Spares: []leak.Spare{
			{ID: "standard-stream", Program: "inherited/clean.py",
				Means:   "it is descriptor 0, 1 or 2: a socket as a standard stream is given on purpose (inetd, ssh, shells)",
				Unknown: "-",
				Ask: func(_ *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer {
					return leak.AnswerOf(s.Holders[0].FD < firstOwnFD)
				}},
			{ID: "waits", Program: "fork-server/clean.py",
				Means:   "a process that holds it waits for it: it was handed over on purpose",
				Unknown: "whether a process that holds it waits for it is not known",
				Ask: func(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer {
					if c.Registered(s) == leak.Yes {
						return leak.Yes
					}
					return c.Registered(s)
				}},
			{ID: "own", Program: "wrapper/clean.py",
				Means:   "the process has made it itself or was handed it, as a trace saw",
				Unknown: "whether the process has opened it itself is not known: nothing shows that its parent ever had it",
				Ask:     openedItself},
			{ID: "at-work", Program: "fork-server/clean.py",
				Means:   "the child was forked to serve it, and may be at work: the request has no answer yet",
				Unknown: "whether the child was forked to serve it is not known",
				Ask:     forkedToServe},
		},
		Grounds: []leak.Proof{{ID: "from-parent", Program: "inherited/leaky.py",
			Means: "one is known to come from the parent: it is older than the process, or came in on the parent's listener",
			Ask: func(c *leak.Case, g *leak.Group) leak.Answer {
				for _, s := range g.Sockets {
					if c.Inherited(s) == leak.Yes {
						return leak.Yes
					}
				}
				return leak.No
			}}},
		Proofs: []leak.Proof{{ID: "copy-left", Program: "inherited/leaky.py",
			Means: "only copies are left: the program that had it does not hold it any more",
			Ask:   func(_ *leak.Case, g *leak.Group) leak.Answer { return leak.AnswerOf(len(g.Sockets) > 0) }}},
		Say: sayInherited,
	}
}

// wasConnected leaves out, of the sockets in no table, those that never were a
// connection.
func wasConnected(s *socket.Socket) bool {
	return s.State != socket.Close || s.Presence == socket.Reset || s.Presence == socket.Finished
}

// firstOwnFD is the first descriptor that is not a standard stream.
const firstOwnFD = 3

// neglected reports whether clients wait in the accept queue of a listener.
func neglected(s *socket.Socket) bool {
	return s.State == socket.Listen && s.Has(socket.HasQueues) && s.RecvQ > 0
}

// openedItself reports whether the descriptor is the process's own.
func openedItself(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer {
	switch c.Inherited(s) {
	case leak.No:
		return leak.Yes
	case leak.Yes:
		return leak.No
	}
	if !c.OtherProgram(s) { // or its parent accepts on the listener that it came in on
		return leak.No
	}
	return leak.Unknown
}

// forkedToServe reports whether the child was made to serve the connection,
// and may be at work for it: a copy of the program that accepted it, or another
// program that was started for it (inetd, socket activation).
func forkedToServe(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer {
	switch {
	case s.State == socket.Listen:
		return leak.No
	case c.OtherProgram(s):
		due := c.AnswerDue(s) != leak.No && c.Left(s) < leak.Patience
		return unknownIf(!c.OlderThanHolders(s) && (due || ofInit(c, s)))
	case c.AnswerDue(s) == leak.Yes && c.Left(s) < leak.Patience:
		return leak.Yes
	case s.State != socket.Established && overFor(c, s) >= c.Settings.Proof:
		return leak.No
	}
	return leak.Unknown
}

func unknownIf(open bool) leak.Answer {
	if open {
		return leak.Unknown
	}
	return leak.No
}

// ofInit reports whether init has started the holder: it hands connections
// over, and the program may do what it likes with them.
func ofInit(c *leak.Case, s *socket.Socket) bool {
	p := c.Now().Process(s.Holders[0].Process)
	return p != nil && p.Parent <= 1
}

func sayInherited(c *leak.Case, g *leak.Group, f *leak.Finding) {
	s := g.Sockets[0]
	f.Summary = fmt.Sprintf("keeps %s to %s open that its parent has closed", words.Plural(len(g.Sockets), "inherited connection"), c.Where(f))
	if s.State == socket.Listen {
		f.Summary = fmt.Sprintf("keeps the inherited listener on port %d open that its parent has closed", s.Local.Port())
		f.Matters = "the port stays in use"
		if neglected(s) {
			f.Matters = "clients connect, and nobody accepts"
		}
	}
	h := s.Holders[0]
	p := c.Now().Process(h.Process)
	if c.OlderThanHolders(s) && p != nil && !p.Started.IsZero() && s.State != socket.Listen {
		f.Evidence = append(f.Evidence, fmt.Sprintf("the connection is at least %s old, the process %s", words.Span(c.KnownFor(s)),
			words.Span(max(c.Now().Taken.Sub(p.Started), time.Millisecond))))
	}
	if giver := c.Giver(s); giver != nil {
		f.Fix = inherited().Remedy.For(giver, f.Role)
	}
	f.Evidence = append(f.Evidence, fmt.Sprintf("descriptor %d was inherited: the process does not use it, and %s does not hold it any more", h.FD, c.ParentName(h.Process)))
	if h.FlagsKnown && h.Inheritable {
		f.Evidence = append(f.Evidence, "the descriptor has no FD_CLOEXEC")
	}
	f.Evidence = leak.AppendWords(f.Evidence, c.EndsWords(g.Sockets))
	f.Age.AtLeast = c.Idle(s)
}
