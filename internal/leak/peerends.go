package leak

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
)

// PeerWaits reports whether the other end has only shut down its sending side
// and may wait for an answer. It is known where the other end is on this
// machine. Elsewhere one that has got its answer, long ago, waits for nothing.
// Who holds both ends of what he has opened waits for himself.
func (c *Case) PeerWaits(s *socket.Socket) Answer {
	old := c.Age(s).AtLeast
	switch {
	case old >= Patience || s.Peer.Closed() || c.OwnEnd(s) != nil && c.Opened(s):
		return No
	case s.Peer.Held():
		return AnswerOf(s.Peer.State == socket.FinWait2)
	case c.AnswerDue(s) == No && old >= c.Settings.Proof:
		return No
	}
	return Unknown
}

// otherEnds is a set of sockets by their addresses: those at the other end of
// connections of this machine.
type otherEnds map[address]bool

// address is what a socket is bound to, and the peer's.
type address struct {
	netns         uint64
	local, remote netip.AddrPort
}

// add adds the other end of a connection; one without addresses has none.
func (e otherEnds) add(s *socket.Socket) {
	if s.Local.IsValid() && s.Remote.IsValid() {
		e[address{s.NetNS, s.Remote, s.Local}] = true
	}
}

func (e otherEnds) has(s *socket.Socket) bool { return e[address{s.NetNS, s.Local, s.Remote}] }

// OwnEnd returns the other end of a connection that one side has shut down,
// where one and the same process holds both; nil where it does not.
func (c *Case) OwnEnd(s *socket.Socket) *socket.Socket {
	if c.halves == nil {
		c.halves = map[address]*socket.Socket{}
		for _, o := range c.Now().Sockets {
			if (o.State == socket.FinWait2 || o.State == socket.CloseWait) && len(o.Holders) > 0 {
				c.halves[address{o.NetNS, o.Local, o.Remote}] = o
			}
		}
	}
	other := c.halves[address{s.NetNS, s.Remote, s.Local}]
	if other == nil || !slices.ContainsFunc(s.Holders, func(h socket.Holder) bool { return other.HeldBy(h.Process) }) {
		return nil
	}
	return other
}

// ends counts what became of the other ends that are on this machine.
type ends struct {
	known  int // looked up
	closed int // no program holds them any more
	held   int // a program holds them
	full   int // their window is full: they wait for us to read
	states map[string]int
	who    string // process and descriptor of the first one held
}

func (c *Case) ends(list []*socket.Socket) ends {
	e := ends{states: map[string]int{}}
	for _, s := range list {
		p := s.Peer
		if p == nil {
			continue
		}
		e.known++
		switch {
		case p.Closed():
			e.closed++
		case p.Held():
			e.held++
			e.states[p.State.String()]++
			if e.who == "" {
				e.who = c.holderName(p.Holders)
			}
		}
		if p.Timer.Kind == socket.Persist {
			e.full++
		}
	}
	return e
}

func (c *Case) holderName(list []socket.Holder) string {
	if len(list) == 0 {
		return ""
	}
	h := list[0]
	if p := c.Now().Process(h.Process); p != nil {
		return fmt.Sprintf("%s (pid %d) fd %d", p.Name, h.Process.PID, h.FD)
	}
	return fmt.Sprintf("pid %d fd %d", h.Process.PID, h.FD)
}

// EndsWords says what became of the other ends on this machine; "" when
// nothing is known.
func (c *Case) EndsWords(list []*socket.Socket) string {
	e := c.ends(list)
	var parts []string
	if e.closed > 0 {
		who := "the peer process"
		if e.closed > 1 {
			who = "the peer processes"
		}
		parts = append(parts, fmt.Sprintf("%s closed completely by %s", ofAll(e.closed, len(list)), who))
	}
	for _, st := range sortedKeys(e.states) {
		parts = append(parts, fmt.Sprintf("%s still held, in %s", ofAll(e.states[st], len(list)), st))
	}
	if len(parts) == 0 {
		return ""
	}
	text := "the other end is on this machine: " + strings.Join(parts, ", ")
	if e.who != "" {
		text += ", by " + e.who
	}
	return text
}

// WindowsFull counts the other ends that want to send and have no window.
func (c *Case) WindowsFull(list []*socket.Socket) int { return c.ends(list).full }
