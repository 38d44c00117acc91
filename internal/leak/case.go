package leak

import (
	"slices"
	"sync"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// Case is what the rules judge: the history, the thresholds, and what earlier
// rules have already explained.
type Case struct {
	*track.History
	Settings  Settings
	explained map[*socket.Socket]bool
	settled   socket.States             // of the explained sockets: those in others need no look into the map
	queues    map[uint64]*socket.Socket // listeners by inode; nil until asked for
	queueOnce sync.Once
	programs  map[*socket.Process]track.Program // see track.ProgramOf
	work      map[socket.ProcessID]*Work        // nil until asked for
	pairs     map[uint64]*socket.Socket         // UNIX sockets by inode, see PeerInProgram
	pairsOnce sync.Once
	clients   map[*socket.Socket]Clients // by listener; nil until asked for
	carriers  []*socket.Socket           // that carry, see otherLegs; nil until asked for
	halves    map[address]*socket.Socket // see OwnEnd; nil until asked for
}

func newCase(h *track.History, set Settings) *Case {
	c := &Case{History: h, Settings: set, programs: make(map[*socket.Process]track.Program, len(h.Now().Processes))}
	for i := range h.Now().Processes {
		p := &h.Now().Processes[i]
		c.programs[p] = track.ProgramOf(p)
	}
	return c
}

// explain keeps later rules from judging the sockets.
func (c *Case) explain(list []*socket.Socket) {
	if len(c.explained) == 0 {
		c.explained = make(map[*socket.Socket]bool, len(list))
	}
	for _, s := range list {
		c.explained[s] = true
		c.settled |= socket.StateSet(s.State)
	}
}

// Explain keeps later rules from judging a socket that belongs to the cause of
// a finding.
func (c *Case) Explain(s *socket.Socket) { c.explain([]*socket.Socket{s}) }

// Explained reports whether an earlier rule has explained the socket.
func (c *Case) Explained(s *socket.Socket) bool { return c.settled.Has(s.State) && c.explained[s] }

// unexplained leaves out the sockets that a rule has explained.
func (c *Case) unexplained(list []*socket.Socket) []*socket.Socket {
	return slices.DeleteFunc(list, c.Explained)
}

// ofTarget reports whether one of the targets holds the socket.
func (c *Case) ofTarget(s *socket.Socket) bool {
	p := c.Owner(s)
	return p != nil && p.Target
}

// Accepted reports whether the socket came out of accept().
func (c *Case) Accepted(s *socket.Socket) bool {
	return track.RoleOf(s, c.Listeners()) == track.Accepted
}

// Opened reports whether the program has connected the socket.
func (c *Case) Opened(s *socket.Socket) bool { return track.RoleOf(s, c.Listeners()) == track.Opened }

// Population returns the population of a socket: that of its listener for a
// connection in an accept queue.
func (c *Case) Population(s *socket.Socket) track.Population {
	p := c.Owner(s)
	if s.Listener != 0 {
		p = c.Owner(c.Listener(s))
	}
	pop := track.PopulationOf(s, nil, c.Listeners())
	if p != nil {
		pop.Program = c.programs[p]
	}
	return pop
}

// Listener returns the listener in whose accept queue the socket is, or on
// whose port it came in; nil where there is none in the snapshot.
func (c *Case) Listener(s *socket.Socket) *socket.Socket {
	if s.Listener == 0 {
		return c.Listeners().Of(s)
	}
	c.queueOnce.Do(func() {
		c.queues = map[uint64]*socket.Socket{}
		for _, o := range c.Now().Sockets {
			if o.State == socket.Listen && o.Inode != 0 {
				c.queues[o.Inode] = o
			}
		}
	})
	return c.queues[s.Listener]
}

// Owner returns the process that the socket is reported under: the first
// holder that is a target, else the first holder, or the one whose io_uring
// keeps it; nil when nobody holds it.
func (c *Case) Owner(s *socket.Socket) *socket.Process {
	if s == nil {
		return nil
	}
	if s.KeptBy.PID != 0 {
		return c.Now().Process(s.KeptBy)
	}
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

// byPID returns the process of the snapshot with the pid, or nil.
func (c *Case) byPID(pid int) *socket.Process {
	return c.Now().ByPID(pid)
}

// PeerInProgram returns the other end of a socketpair(2) where the same program
// holds it, or nil.
func (c *Case) PeerInProgram(s *socket.Socket) *socket.Socket {
	c.pairsOnce.Do(func() {
		c.pairs = map[uint64]*socket.Socket{}
		for _, o := range c.Now().Sockets {
			if o.Family == socket.Unix && o.Inode != 0 && len(o.Holders) > 0 {
				c.pairs[o.Inode] = o
			}
		}
	})
	peer := c.pairs[s.UnixInfo.PeerInode]
	if peer == nil || peer.UnixInfo == nil || peer.UnixInfo.PeerInode != s.Inode || s.UnixInfo.Path+peer.UnixInfo.Path != "" {
		return nil // a pair has no names
	}
	if c.Population(s).Program != c.Population(peer).Program {
		return nil
	}
	return peer
}
