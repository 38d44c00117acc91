package leak

import (
	"fmt"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// HeldByDescendants reports whether only descendants of a process of the
// snapshot hold the socket, and that process, a target, does not: one that
// runs another program, or one that waits on the listener of the connection
// as the server that accepted it does.
func (c *Case) HeldByDescendants(s *socket.Socket) bool {
	for i := range s.Holders {
		p := c.Now().Process(s.Holders[i].Process)
		if p == nil || c.ancestorOf(p, s, passesExec(&s.Holders[i])) == nil {
			return false
		}
	}
	return len(s.Holders) > 0
}

// passesExec reports whether exec(2) may have left the descriptor open.
func passesExec(h *socket.Holder) bool { return !h.FlagsKnown || h.Inheritable }

// maxDepth bounds the way up: parents cannot form a loop, but pids can be
// reused within one look.
const maxDepth = 64

// ancestorOf returns the nearest ancestor of p that may have given it the
// socket and does not hold it any more, or nil: one that runs another program
// only where the descriptor passes exec.
func (c *Case) ancestorOf(p *socket.Process, s *socket.Socket, exec bool) *socket.Process {
	if !exec && c.Listener(s) == nil {
		return nil
	}
	for range maxDepth {
		parent := c.byPID(p.Parent)
		if parent == nil {
			return nil
		}
		if parent.Target && !s.HeldBy(parent.ID) && (exec && parent.Exe != p.Exe || c.serves(parent, s)) {
			return parent
		}
		p = parent
	}
	return nil
}

// Giver returns the process whose copy of the socket the first holder has, or
// nil: it is its code that has to change.
func (c *Case) Giver(s *socket.Socket) *socket.Process {
	if p := c.Now().Process(s.Holders[0].Process); p != nil {
		return c.ancestorOf(p, s, passesExec(&s.Holders[0]))
	}
	return nil
}

// serves reports whether the process holds the listener on which the
// connection came in, and waits there for the next.
func (c *Case) serves(p *socket.Process, s *socket.Socket) bool {
	l := c.Listener(s)
	return s.State != socket.Listen && l != nil && l.HeldBy(p.ID) && c.waitsOn(l, p.ID) && !c.anyWaitsOn(l, s)
}

// waitsOn reports whether the process waits for the socket.
func (c *Case) waitsOn(s *socket.Socket, id socket.ProcessID) bool {
	if s.Watch == nil {
		return false
	}
	for _, t := range s.Watch.Threads {
		if t.Process == id {
			return true
		}
	}
	for _, e := range s.Watch.Epolls {
		if e.Process == id {
			return true
		}
	}
	return false
}

// anyWaitsOn reports whether a holder of s waits on the listener itself: a
// prefork worker accepts for itself.
func (c *Case) anyWaitsOn(l, s *socket.Socket) bool {
	for i := range s.Holders {
		if c.waitsOn(l, s.Holders[i].Process) {
			return true
		}
	}
	return false
}

// OtherProgram reports whether the first holder runs another executable than
// the ancestor that the socket may come from: only exec() lies between.
func (c *Case) OtherProgram(s *socket.Socket) bool {
	p, a := c.Now().Process(s.Holders[0].Process), c.Giver(s)
	return p != nil && a != nil && a.Exe != p.Exe
}

// startSlack is by how much a connection must be older than a process: start
// times come in clock ticks (10 ms), and are counted from a boot time that is
// given in whole seconds.
const startSlack = 1500 * time.Millisecond

// Inherited reports whether it is known that the holders have inherited the
// socket: a trace saw who made it, the connection is older than each of them, an
// earlier look saw another process hold it, or it was accepted on the listener of
// an ancestor.
func (c *Case) Inherited(s *socket.Socket) Answer {
	if a := c.inheritedAsTraced(s); a != Unknown {
		return a
	}
	if c.OlderThanHolders(s) || c.acceptedAbove(s) {
		return Yes
	}
	return Unknown
}

// inheritedAsTraced is Inherited by what a trace saw: who has made it himself has
// not, nor who was there before it, as somebody handed it over (SCM_RIGHTS).
func (c *Case) inheritedAsTraced(s *socket.Socket) Answer {
	id, known := openedBy(s)
	switch {
	case !known:
		return Unknown
	case s.HeldBy(id):
		return No
	case s.Origin.Ticks == 0:
		return Unknown
	}
	for i := range s.Holders {
		if s.Holders[i].Process.Start < s.Origin.Ticks {
			return No
		}
	}
	return AnswerOf(len(s.Holders) > 0)
}

// OlderThanHolders reports whether it is known that the socket was there
// before the processes that hold it.
func (c *Case) OlderThanHolders(s *socket.Socket) bool {
	if k := c.Track(s); k != nil && !s.HeldBy(k.FirstHolder()) && c.fathered(k.FirstHolder(), s) {
		return true
	}
	if !s.Remote.IsValid() {
		return false
	}
	known := c.KnownFor(s)
	for i := range s.Holders {
		p := c.Now().Process(s.Holders[i].Process)
		if p == nil || p.Started.IsZero() || known < c.Now().Taken.Sub(p.Started)+startSlack {
			return false
		}
	}
	return len(s.Holders) > 0
}

// acceptedAbove reports whether the connection came in on a listener that an
// ancestor holds and no holder of the connection does, while another program
// runs there: it came through exec().
func (c *Case) acceptedAbove(s *socket.Socket) bool {
	l := c.Listener(s)
	if l == nil || s.State == socket.Listen || !c.Accepted(s) || !c.OtherProgram(s) {
		return false
	}
	for i := range s.Holders {
		if l.HeldBy(s.Holders[i].Process) {
			return false
		}
	}
	for i := range l.Holders {
		if c.fathered(l.Holders[i].Process, s) {
			return true
		}
	}
	return false
}

// fathered reports whether the process is an ancestor of all holders.
func (c *Case) fathered(id socket.ProcessID, s *socket.Socket) bool {
	for i := range s.Holders {
		p := c.Now().Process(s.Holders[i].Process)
		for range maxDepth {
			if p == nil || p.ID == id {
				break
			}
			p = c.byPID(p.Parent)
		}
		if p == nil {
			return false
		}
	}
	return id.PID != 0 && len(s.Holders) > 0
}

// ParentName names the parent of a process.
func (c *Case) ParentName(id socket.ProcessID) string {
	if p := c.Now().Process(id); p != nil {
		if parent := c.byPID(p.Parent); parent != nil {
			return fmt.Sprintf("%s (pid %d)", parent.Name, parent.ID.PID)
		}
	}
	return "its parent"
}

// LoadOf is the share of a core that the process uses: between the last two
// looks, else as it was measured during the look, else on average over its
// life. p may be nil.
func (c *Case) LoadOf(p *socket.Process) float64 {
	if p == nil {
		return 0
	}
	if load, ok := c.Process(p.ID).Load(); ok {
		return max(load, p.Load)
	}
	if p.Load >= 0 {
		return p.Load
	}
	if life := c.Now().Taken.Sub(p.Started); !p.Started.IsZero() && life > 0 {
		return float64(p.CPU) / float64(life)
	}
	return 0
}

// AdoptedOrOther reports whether the parent of a process is init or another
// program: then it is no worker of the program that it may have a socket from.
func (c *Case) AdoptedOrOther(p *socket.Process) bool {
	parent := c.byPID(p.Parent)
	return p.Parent <= 1 || parent != nil && parent.Exe != p.Exe
}

// CopyKept reports whether an earlier look, or a trace, saw another process hold
// the socket, which has closed it and lives on.
func (c *Case) CopyKept(s *socket.Socket) Answer {
	if id, _, ok := c.leftBy(s); ok && c.Now().Process(id) != nil {
		return Yes
	}
	k := c.Track(s)
	if k == nil {
		return Unknown
	}
	for _, id := range k.Others() {
		if !s.HeldBy(id) && c.Now().Process(id) != nil {
			return Yes
		}
	}
	return Unknown
}
