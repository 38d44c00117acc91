package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func inherited() Rule {
	return Rule{
		ID: "inherited", Title: "a child that inherited the descriptor keeps the connection open", Severity: Leak,
		Doc: Doc{Means: "The program has closed its descriptor, but a process that it started still has a copy of it. The peer never sees the end of the connection."},
		Remedy: Remedy{
			socket.RuntimeUnknown: "open descriptors with SOCK_CLOEXEC, accept4(SOCK_CLOEXEC); close them in the child between fork and exec",
			socket.Python:         "subprocess with close_fds=True (the default), and no set_inheritable(True) on connections",
		},
		Check: checkInherited,
	}
}

// firstOwnFD is the first descriptor that is not a standard stream: a socket
// as stdin, stdout or stderr is given to a child on purpose (inetd, shells).
const firstOwnFD = 3

func checkInherited(c *Case) []Finding {
	var list []*socket.Socket
	for _, s := range c.Now().Sockets {
		if !c.explained[s] && s.IsTCP() && s.Remote.IsValid() && connected(s) && c.onlyChildHolds(s) {
			list = append(list, s)
		}
	}
	var out []Finding
	for _, g := range c.groups(list) {
		level := Suspect
		if c.Idle(g.sockets[0]) >= c.Settings.Grace && c.unwatched(g.sockets) {
			level = Leak
		}
		f := c.finding(g, level, fmt.Sprintf("keeps %s to %s open that its parent has closed", plural(len(g.sockets), "inherited connection"), g.where()))
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

func connected(s *socket.Socket) bool {
	return s.State == socket.Established || s.State == socket.CloseWait || s.State == socket.FinWait2
}

// onlyChildHolds reports whether the holders of a socket are all descendants
// of a target that run another program, and do not wait for the socket.
func (c *Case) onlyChildHolds(s *socket.Socket) bool {
	for i := range s.Holders {
		h := &s.Holders[i]
		p := c.Now().Process(h.Process)
		if p == nil || h.FD < firstOwnFD || !c.ranByTarget(p) {
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
