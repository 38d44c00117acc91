package rules

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

func listenerUnserved() leak.Rule {
	return leak.Rule{
		ID: "listener-unserved", Title: "a listener that nobody waits for keeps its port in use", Severity: leak.Leak,
		Doc: leak.Doc{
			Means: "The socket listens, and no thread, no event loop and no other process that holds it waits for clients. The " +
				"port stays in use, and who connects is never answered.",
			Causes: "A helper that inherited the listener of a service that has ended (no FD_CLOEXEC); a SO_REUSEPORT listener " +
				"that was forgotten; a server that was shut down without closing.",
			Evidence: "LISTEN, known to be waited for by nobody, by a program that has accepted nothing on it. A descriptor without " +
				"FD_CLOEXEC may have been inherited. With SO_REUSEPORT the kernel gives every listener of the port its share of " +
				"the clients, served or not.",
			BlindSpot: "A program that listens before it is ready looks the same: without waiting clients or a served sibling it is a " +
				"suspicion.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "open listeners with SOCK_CLOEXEC, and close them when serving ends; restart the helper that still holds it",
			socket.Python:         "leave listeners non-inheritable (the default), close_fds=True in subprocess, and s.close() when serving ends",
			socket.Go:             "defer l.Close(); os/exec passes only ExtraFiles",
			socket.Native:         "socket(..., SOCK_STREAM | SOCK_CLOEXEC, 0); close(listen_fd) when serving ends; restart the helper that holds it",
		}},
		States: socket.StateSet(socket.Listen),
		Match: func(c *leak.Case, s *socket.Socket) bool {
			return held(s) && s.IsTCP() && s.Holders[0].FD >= firstOwnFD
		},
		Spares: []leak.Spare{
			programStopped("stopped/noted.py"),
			{ID: "waited", Program: "socket-activation/clean.py", Means: "somebody waits for its clients",
				Unknown: "whether anybody waits for its clients is not known",
				Ask:     func(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer { return c.Registered(s) }},
			{ID: "between-clients", Program: "saturated/clean.py", Means: "the program serves what it has accepted on it, and comes back",
				Unknown: "whether the program will come back to it is not known: it may be starting up",
				Ask:     comesBack},
		},
		Grounds: []leak.Proof{{ID: "inherited", Program: "inherited-listener/leaky.py",
			Means: "the descriptor lacks FD_CLOEXEC, the holder waits for nothing on any socket and has no other, and its parent is gone or another program",
			Ask:   looksInherited}},
		Proofs: []leak.Proof{{ID: "sibling-served", Program: "listener-unserved/leaky.py",
			Means: "another listener of the same port is served, and this one has clients in its queue or was never served",
			Ask:   siblingServed}},
		Say: func(c *leak.Case, g *leak.Group, f *leak.Finding) {
			f.Summary = fmt.Sprintf("keeps a listener on port %d that nobody waits for", g.Sockets[0].Local.Port())
			if n := len(g.Sockets); n > 1 {
				f.Summary = fmt.Sprintf("keeps %d listeners that nobody waits for", n)
			}
			if waiting := queuedAt(g.Sockets); waiting > 0 {
				f.Evidence = append(f.Evidence, plural(waiting, "client waits", "clients wait")+" in their accept queues")
			}
			h := g.Sockets[0].Holders[0]
			if h.FlagsKnown && h.Inheritable {
				f.Evidence = append(f.Evidence, fmt.Sprintf("descriptor %d has no FD_CLOEXEC and may be inherited from a program that has ended", h.FD))
			}
			f.Evidence = append(f.Evidence, "no thread and no event loop of its holders waits for clients, and nothing was accepted on it")
			f.Matters = "the port stays in use: a restart of the service fails with EADDRINUSE"
		},
	}
}

// queuedAt counts the clients in the accept queues of listeners.
func queuedAt(list []*socket.Socket) int {
	n := 0
	for _, s := range list {
		if s.Has(socket.HasQueues) {
			n += int(s.RecvQ)
		}
	}
	return n
}

// comesBack reports whether the program has accepted connections on the
// listener that are still open.
func comesBack(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer {
	if c.ClientsOf(s).Accepted > 0 {
		return leak.Yes
	}
	if neglected(s) && c.Window() >= c.Settings.Grace && len(c.Looks()) >= leak.MinLooks {
		return leak.No
	}
	if siblingWaits(c, s) {
		return leak.No
	}
	return leak.Unknown
}

// looksInherited reports whether what holds the listener shows no sign of
// being its server.
func looksInherited(c *leak.Case, g *leak.Group) leak.Answer {
	for _, s := range g.Sockets {
		if neglected(s) && c.Window() >= c.Settings.Grace || mayBeInherited(c, s) {
			return leak.Yes
		}
	}
	return siblingServed(c, g)
}

// mayBeInherited reports whether a listener is the only socket of a process
// that nothing ties to it: it has not made it, as far as known, and waits for
// nothing, its parent is init or runs another program, and the descriptor came
// without FD_CLOEXEC.
func mayBeInherited(c *leak.Case, s *socket.Socket) bool {
	if len(s.Holders) == 0 || c.Registered(s) != leak.No || c.Inherited(s) == leak.No {
		return false
	}
	h := s.Holders[0]
	p := c.Now().Process(h.Process)
	return p != nil && h.FlagsKnown && h.Inheritable && p.SocketFDs == 1 && c.AdoptedOrOther(p)
}

// siblingServed reports whether another listener of the same port is waited
// for, while this one is not.
func siblingServed(c *leak.Case, g *leak.Group) leak.Answer {
	for _, s := range g.Sockets {
		if siblingWaits(c, s) {
			return leak.Yes
		}
	}
	return leak.No
}

func siblingWaits(c *leak.Case, s *socket.Socket) bool {
	for _, o := range c.Now().Sockets {
		if o != s && o.State == socket.Listen && o.NetNS == s.NetNS && o.Local == s.Local && c.Registered(o) == leak.Yes {
			return true
		}
	}
	return false
}
