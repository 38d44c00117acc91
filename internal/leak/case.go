package leak

import (
	"net/netip"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// Case is what a rule judges: the history, the thresholds, and what earlier
// rules have already explained.
type Case struct {
	*track.History
	Settings  Settings
	explained map[*socket.Socket]bool
	settled   socket.States // of the explained sockets: those in others need no look into the map
	listeners socket.Listeners
	carriers  []*socket.Socket                  // that carry, see otherLegs; nil until asked for
	byState   map[socket.State][]*socket.Socket // every socket, in the snapshot's order
	tableless []*socket.Socket                  // TCP and UDP sockets in no table, in that order
}

func newCase(h *track.History, set Settings) *Case {
	c := &Case{History: h, Settings: set, explained: map[*socket.Socket]bool{},
		listeners: socket.NewListeners(h.Now()), byState: map[socket.State][]*socket.Socket{}}
	sockets := h.Now().Sockets
	for len(sockets) > 0 { // sorted by family, protocol and state: whole runs are of one state
		n := 0
		for ; n < len(sockets) && sockets[n].State == sockets[0].State; n++ {
			if s := sockets[n]; s.Presence != socket.InTable && (s.IsTCP() || s.IsUDP()) {
				c.tableless = append(c.tableless, s)
			}
		}
		if st := sockets[0].State; c.byState[st] == nil {
			c.byState[st] = sockets[:n:n] // a part of the snapshot's own list
		} else {
			c.byState[st] = append(c.byState[st], sockets[:n]...)
		}
		sockets = sockets[n:]
	}
	return c
}

func (c *Case) explain(list []*socket.Socket) {
	for _, s := range list {
		c.explained[s] = true
		c.settled |= socket.StateSet(s.State)
	}
}

// Open returns the sockets of the targets that no earlier rule has explained
// and for which want is true. Those that only another process holds are left
// out, those that nobody holds are not. Of a large snapshot it looks at the
// given states only; at all when none is given.
func (c *Case) Open(want func(*socket.Socket) bool, states ...socket.State) []*socket.Socket {
	if len(states) == 0 {
		return c.unexplained(nil, c.Now().Sockets, want)
	}
	var list []*socket.Socket
	for _, st := range states {
		list = c.unexplained(list, c.byState[st], want)
	}
	return list
}

func (c *Case) unexplained(list, from []*socket.Socket, want func(*socket.Socket) bool) []*socket.Socket {
	for _, s := range from {
		if want(s) && !(c.settled.Has(s.State) && c.explained[s]) && (len(s.Holders) == 0 || c.ofTarget(s)) {
			list = append(list, s)
		}
	}
	return list
}

// ofTarget reports whether one of the targets holds the socket.
func (c *Case) ofTarget(s *socket.Socket) bool {
	p := c.Owner(s)
	return p != nil && p.Target
}

// Accepted reports whether the socket came out of accept().
func (c *Case) Accepted(s *socket.Socket) bool { return c.listeners.Accepted(s) }

// listener returns the snapshot's listener on the socket's local port, or nil.
func (c *Case) listener(s *socket.Socket) *socket.Socket { return c.listeners.Of(s) }

// place is where a finding's sockets belong together: one process, and one
// local port (accepted) or one destination (opened by the process).
type place struct {
	process socket.ProcessID
	proto   string
	local   netip.AddrPort
	remote  netip.AddrPort
}

func (c *Case) placeOf(s *socket.Socket) place {
	p := place{proto: s.Proto()}
	if o := c.Owner(s); o != nil {
		p.process = o.ID
	}
	switch {
	case c.Accepted(s):
		p.local = s.Local
	case s.State == socket.Listen:
		p.local = s.Local
	default:
		p.remote = s.Remote
	}
	return p
}

// Owner returns the process that the socket is reported under: the first
// holder that is a target, else the first holder; nil when nobody holds it.
func (c *Case) Owner(s *socket.Socket) *socket.Process {
	var first *socket.Process
	for i := range s.Holders {
		p := c.Now().Process(s.Holders[i].Process)
		if p == nil {
			continue
		}
		if p.Target {
			return p
		}
		if first == nil {
			first = p
		}
	}
	return first
}
