package leak

import (
	"net/netip"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// minReaders is how many connections must have a thread each before a program
// is said to read so.
const minReaders = 2

// readersAt is where a process reads.
type readersAt struct {
	process socket.ProcessID
	place   netip.AddrPort
}

// ReaderGone reports whether a connection of a program that reads each with a
// thread of its own has none any more: others to the same place are waited for
// by a thread each, and fewer threads are left than connections that nobody
// reads. Those that were left alone for the shortest time get what is left; idle
// is for how long that is, 0 of those that are too young to tell.
func (c *Case) ReaderGone(g *Group, s *socket.Socket, idle func(*socket.Socket) time.Duration) bool {
	at := readersAt{s.Holders[0].Process, c.placeOf(s)}
	since, known := g.readers[at]
	if !known {
		since = c.withoutReader(g, at, idle)
		if g.readers == nil {
			g.readers = map[readersAt]time.Duration{}
		}
		g.readers[at] = since
	}
	return since > 0 && idle(s) >= since
}

// withoutReader returns from how long left alone on there is no thread that may
// read a connection; 0 where that is not known of any.
func (c *Case) withoutReader(g *Group, at readersAt, idle func(*socket.Socket) time.Duration) time.Duration {
	p := c.Now().Process(at.process)
	if p == nil || len(p.Tasks) < p.Threads || pooled(p.Runtime) {
		return 0
	}
	reading, waits := c.threadsReading(g, p, at.place)
	if reading < minReaders {
		return 0
	}
	var ages []time.Duration
	for _, o := range g.All {
		if d := idle(o); d > 0 && o.HeldBy(p.ID) && c.placeOf(o) == at.place && !Threaded(o) {
			ages = append(ages, d)
		}
	}
	beyond := len(ages) - (p.Threads - reading - waits)
	if beyond <= 0 {
		return 0
	}
	slices.Sort(ages)
	if spared := len(ages) - beyond; spared > 0 {
		return ages[spared-1] + 1 // of those that are as old nobody knows which
	}
	return ages[0]
}

// threadsReading counts the threads of a process that sleep on a connection of
// the group's population at a place, one on each. waits is 1 where the main
// thread is none of them and waits for a lock: it has started the others.
func (c *Case) threadsReading(g *Group, p *socket.Process, at netip.AddrPort) (n, waits int) {
	own := map[int32]bool{} // descriptors
	for _, s := range c.Now().Sockets {
		if s.State != socket.Established || !s.HeldBy(p.ID) || c.placeOf(s) != at || c.Population(s) != g.Population {
			continue
		}
		for i := range s.Holders {
			if s.Holders[i].Process == p.ID {
				own[s.Holders[i].FD] = true
			}
		}
	}
	for i := range p.Tasks {
		t := &p.Tasks[i]
		if t.TID == p.ID.PID && t.Call == "futex" {
			waits = 1
		}
		if len(t.FDs) == 1 && t.Doubt == "" && own[t.FDs[0]] {
			own[t.FDs[0]] = false // another that waits for the same is no reader of its own
			n++
		}
	}
	return n, waits
}
