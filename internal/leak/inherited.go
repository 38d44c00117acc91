package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func inherited() Rule {
	return Rule{
		ID: "inherited", Title: "a child that inherited the descriptor keeps the connection open", Severity: Leak,
		Doc: Doc{
			Means: "The program has closed its descriptor, but a process that it started still has a copy. The " +
				"connection stays open, and the peer never sees its end.",
			Causes: "fork() and exec() while a connection without FD_CLOEXEC is open. The child knows nothing of the " +
				"descriptor and keeps it until it ends.",
			Evidence: "All holders are descendants of the target that run another executable, none of them waits for the " +
				"socket, and the target has no descriptor of it. A descriptor with FD_CLOEXEC cannot have come " +
				"through exec() and is left out. It is a leak when the connection has been silent for the grace " +
				"period (5 s), or clients wait in the accept queue of a listener, and it is known that nobody waits. The missing FD_CLOEXEC is read from flags: in " +
				"/proc/PID/fdinfo/FD.",
			BlindSpot: "A child that runs the same executable (fork without exec), and one whose parent has ended, so that " +
				"init or a subreaper has adopted it: the chain of parents is then lost.",
			LookAlike: "A socket as descriptor 0, 1 or 2 is given to the child on purpose (inetd, ssh, shells). A child that " +
				"serves the connection itself has a thread or an epoll set waiting for it. A prefork server's workers " +
				"share the listener, which is not connected. A descendant that is itself a target (--tree, check) has " +
				"sockets of its own.",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "open with SOCK_CLOEXEC and accept4(..., SOCK_CLOEXEC); in the child close every descriptor above 2 before exec()",
			socket.Python:         "subprocess.Popen(..., close_fds=True) (the default), and no sock.set_inheritable(True) on connections; with os.fork(), close them in the child",
			socket.Go:             "os/exec passes only ExtraFiles; set syscall.CloseOnExec(fd) on descriptors from syscall.Socket and syscall.Accept",
			socket.Node:           "child_process.spawn with stdio: ['ignore', 'pipe', 'pipe']; pass no socket in stdio or send() unless the child is to serve it",
			socket.Java:           "ProcessBuilder closes descriptors above 2 in the child; a native library or JNI fork() must set FD_CLOEXEC itself",
			socket.Ruby:           "Process.spawn(..., close_others: true), and no sock.close_on_exec = false",
			socket.Native:         "socket(..., SOCK_STREAM | SOCK_CLOEXEC, 0), accept4(fd, ..., SOCK_CLOEXEC); between fork() and exec(): close_range(3, ~0U, 0)",
		},
		States: socket.StateSet(socket.Established, socket.CloseWait, socket.FinWait2, socket.Listen),
		All:    true,
		Want: func(c *Case, s *socket.Socket) bool {
			return (connected(s) || c.neglected(s)) && s.IsTCP() && c.onlyChildHolds(s)
		},
		Check: checkInherited,
	}
}

// firstOwnFD is the first descriptor that is not a standard stream: a socket
// as stdin, stdout or stderr is given to a child on purpose (inetd, shells).
const firstOwnFD = 3

func checkInherited(c *Case, list []*socket.Socket) []Finding {
	list = c.unexplained(list)
	var out []Finding
	for _, g := range c.groups(list) {
		level := Suspect
		if c.unwatched(g.sockets) && (c.Idle(g.sockets[0]) >= c.Settings.Grace || c.neglected(g.sockets[0])) {
			level = Leak
		}
		f := c.finding(g, level, fmt.Sprintf("keeps %s to %s open that its parent has closed", Plural(len(g.sockets), "inherited connection"), g.where()))
		if c.neglected(g.sockets[0]) {
			f.Summary = fmt.Sprintf("keeps the inherited listener on port %d open that its parent has closed", g.local.Port())
			f.Matters = "clients connect, and nobody accepts"
		}
		h := g.sockets[0].Holders[0]
		f.Evidence = append(f.Evidence, fmt.Sprintf("descriptor %d was inherited: the process does not use it, and %s does not have it any more", h.FD, c.parentName(h.Process)))
		if h.FlagsKnown && h.Inheritable {
			f.Evidence = append(f.Evidence, "the descriptor has no FD_CLOEXEC")
		}
		f.Evidence = appendWords(f.Evidence, c.ends(g.sockets).words())
		f.Age.AtLeast = c.Idle(g.sockets[0])
		out = append(out, f)
	}
	return out
}

// neglected reports whether clients wait in the accept queue of a listener.
func (c *Case) neglected(s *socket.Socket) bool {
	return s.State == socket.Listen && s.Has(socket.HasQueues) && s.RecvQ > 0
}

func connected(s *socket.Socket) bool {
	return s.Remote.IsValid() && (s.State == socket.Established || s.State == socket.CloseWait || s.State == socket.FinWait2)
}

// onlyChildHolds reports whether the holders of a socket are all descendants
// of a target that run another program, and do not wait for the socket. A
// descendant that is a target itself (--tree, check) has sockets of its own,
// and a descriptor with FD_CLOEXEC cannot have come through an exec.
func (c *Case) onlyChildHolds(s *socket.Socket) bool {
	for i := range s.Holders {
		h := &s.Holders[i]
		p := c.Now().Process(h.Process)
		if p == nil || p.Target || h.FD < firstOwnFD || h.FlagsKnown && !h.Inheritable || !c.ranByTarget(p) {
			return false
		}
	}
	return len(s.Holders) > 0 && (s.Watch == nil || len(s.Watch.Threads)+len(s.Watch.Epolls) == 0)
}

// ranByTarget reports whether an ancestor of the process in the snapshot is a
// target with another executable.
func (c *Case) ranByTarget(p *socket.Process) bool {
	for depth := 0; depth < 64; depth++ { // parents cannot form a loop, but pids can be reused
		parent := c.byPID(p.Parent)
		if parent == nil {
			return false
		}
		if parent.Target && parent.Exe != p.Exe {
			return true
		}
		p = parent
	}
	return false
}

func (c *Case) byPID(pid int) *socket.Process {
	list := c.Now().Processes
	for i := range list {
		if list[i].ID.PID == pid {
			return &list[i]
		}
	}
	return nil
}

func (c *Case) parentName(id socket.ProcessID) string {
	if p := c.Now().Process(id); p != nil {
		if parent := c.byPID(p.Parent); parent != nil {
			return fmt.Sprintf("%s (pid %d)", parent.Name, parent.ID.PID)
		}
	}
	return "its parent"
}
