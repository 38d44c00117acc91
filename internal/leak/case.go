package leak

import (
	"net/netip"
	"slices"

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
	carriers  []*socket.Socket // that carry, see otherLegs; nil until asked for
	towards   *crowd           // what takes a port, by destination; nil where too little does
}

func newCase(h *track.History, set Settings) *Case {
	return &Case{History: h, Settings: set, listeners: socket.NewListeners(h.Now())}
}

func (c *Case) explain(list []*socket.Socket) {
	if len(c.explained) == 0 {
		c.explained = make(map[*socket.Socket]bool, len(list))
	}
	for _, s := range list {
		c.explained[s] = true
		c.settled |= socket.StateSet(s.State)
	}
}

// unexplained leaves out the sockets that a rule has explained.
func (c *Case) unexplained(list []*socket.Socket) []*socket.Socket {
	return slices.DeleteFunc(list, func(s *socket.Socket) bool { return c.settled.Has(s.State) && c.explained[s] })
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
