package leak

import (
	"fmt"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
)

// Life says how the sockets of a group came and stayed over the looks.
type Life struct {
	Before int // there at the first look
	Early  int // opened in the first half of the time
	Late   int // opened in the second half
	Window time.Duration
}

// Born counts the sockets that were opened during the looks.
func (l *Life) Born() int { return l.Early + l.Late }

// LifeOf counts how the sockets came. After one look all were there before.
func (c *Case) LifeOf(list []*socket.Socket) Life {
	looks := c.Looks()
	l := Life{Window: c.Window()}
	half := looks[0].Taken.Add(l.Window / 2)
	for _, s := range list {
		switch k := c.Track(s); {
		case k == nil || !k.First.After(looks[0].Taken):
			l.Before++
		case k.First.After(half):
			l.Late++
		default:
			l.Early++
		}
	}
	return l
}

// Steady reports whether sockets of the group were opened in every quarter of
// the time.
func (c *Case) Steady(g *Group) bool {
	const quarters = 4
	start, window := c.Looks()[0].Taken, c.Window()
	var seen [quarters]bool
	for _, s := range g.All {
		if k := c.Track(s); k.NewSince(start) && window > 0 {
			seen[min(int(k.First.Sub(start)*quarters/window), quarters-1)] = true
		}
	}
	return !slices.Contains(seen[:], false)
}

// What accumulation over the looks needs to be called so.
const (
	// MinLooks is the number of looks below which nothing is said of growth.
	MinLooks = 8
	minBorn  = 3
)

// minWindow is the shortest time over which sockets that only come and never
// go are told from a busy moment: two grace periods.
func (c *Case) minWindow() time.Duration { return 2 * c.Settings.Grace }

// Accumulates reports whether sockets like these only come: at least three
// were opened in both halves of the looks, those that were there before or
// came early are still there, and none of the kind that had been left as long
// was closed meanwhile. It is not known when the looks were too few or too
// short to say.
func (c *Case) Accumulates(g *Group) Answer {
	return g.Once("accumulates", func() Answer { return c.accumulates(g) })
}

func (c *Case) accumulates(g *Group) Answer {
	if c.TooFew() {
		return Unknown
	}
	l := c.LifeOf(g.All)
	if l.Early == 0 || l.Late == 0 || l.Born() < minBorn {
		return No
	}
	return c.ClosedAsLong(g).Not()
}

// ClosedAsLong reports whether the program has closed sockets of the kind
// that it had left alone for half as long as the oldest of the group, or
// longer: then the others have an expiry date, or a slow handler.
func (c *Case) ClosedAsLong(g *Group) Answer {
	return g.Once("closedAsLong", func() Answer { return c.closedAsLong(g) })
}

func (c *Case) closedAsLong(g *Group) Answer {
	if len(c.Looks()) < 2 {
		return Unknown
	}
	var oldest time.Duration
	states := socket.States(0)
	for _, s := range g.All {
		oldest = max(oldest, c.Left(s))
		states |= socket.StateSet(s.State)
	}
	for state := socket.StateUnknown; state <= socket.BoundInactive; state++ {
		if states.Has(state) && c.closedAfter(g, state, oldest/2) {
			return Yes
		}
	}
	return No
}

// ClosedLater reports whether the program has closed sockets of the kind, in
// the state of this one, that it had left alone for half as long, or longer:
// a slow handler closes at its end, and those before it did.
func (c *Case) ClosedLater(g *Group, s *socket.Socket) Answer {
	if len(c.Looks()) < 2 {
		return Unknown
	}
	return AnswerOf(c.closedAfter(g, s.State, c.Left(s)/2))
}

// closedAfter reports whether sockets of the population were closed in the
// state after they had been left for so long.
func (c *Case) closedAfter(g *Group, state socket.State, d time.Duration) bool {
	closed := c.Closings(g.Population, state)
	left := closed.LongestIdle
	if state == socket.CloseWait || state == socket.FinWait2 {
		left = closed.LongestIn
	}
	if closed.Count > 0 && left >= d {
		return true
	}
	if state != socket.Established {
		return false
	}
	ended := c.Closings(g.Population, socket.CloseWait) // a pool replaces what its server has closed
	return ended.Count > 0 && ended.LongestIdle >= d
}

// Left is for how long at least a socket has been left alone: in the state
// after its peer has closed, else without progress.
func (c *Case) Left(s *socket.Socket) time.Duration {
	if s.State == socket.CloseWait || s.State == socket.FinWait2 {
		return c.Age(s).AtLeast
	}
	return c.Idle(s)
}

// UsedAgain reports whether the connection was taken up again while it was
// looked at or traced, after it had been left.
func (c *Case) UsedAgain(s *socket.Socket) Answer {
	if d := dataOf(s); d != nil && d.Takings > 1 {
		return Yes
	}
	k := c.Track(s)
	if k == nil || len(c.Looks()) < 2 {
		return Unknown
	}
	return AnswerOf(k.Uses > 0)
}

// InStep reports whether something else came with the sockets, one for one:
// clients that the program serves with one each, or threads that keep one each
// for their next task. A thread that waits for the socket itself is no reason
// to keep it: a forgotten client object has its reader too.
func (c *Case) InStep(g *Group, s *socket.Socket) Answer {
	if len(c.Looks()) < 2 {
		return Unknown
	}
	clients := g.Once("clientsInStep", func() Answer {
		born := c.bornOf(g)
		return AnswerOf(born > 0 && 4*c.clientsBorn(g.Population) >= 3*born)
	})
	if clients == Yes || c.Registered(s) == Yes {
		return clients
	}
	return c.ThreadsInStep(g)
}

// ThreadsInStep reports whether a thread came with each that was opened.
func (c *Case) ThreadsInStep(g *Group) Answer {
	if len(c.Looks()) < 2 {
		return Unknown
	}
	return g.Once("threadsInStep", func() Answer {
		born := c.bornOf(g)
		return AnswerOf(born > 0 && 4*c.threadsBorn(g) >= 3*born)
	})
}

func (c *Case) bornOf(g *Group) int {
	l := c.LifeOf(g.All)
	return l.Born()
}

// threadsBorn counts by how many threads the holders have grown.
func (c *Case) threadsBorn(g *Group) int {
	threads := 0
	seen := map[socket.ProcessID]bool{}
	for _, s := range g.All {
		for i := range s.Holders {
			id := s.Holders[i].Process
			if seen[id] {
				continue
			}
			seen[id] = true
			p, k := c.Now().Process(id), c.Process(id)
			if p == nil || k == nil || p.Threads == 0 || k.ThreadsFirst == 0 {
				continue
			}
			threads += max(0, p.Threads-k.ThreadsFirst)
		}
	}
	return threads
}

// clientsBorn counts the connections that the program has accepted during the
// looks and still holds, given up or not: a proxy has two legs for each. A
// connection of the program with itself is no client's: both of its ends come
// at once, whoever forgets them.
func (c *Case) clientsBorn(p track.Population) int {
	if p.Role == track.Accepted {
		return 0
	}
	n := 0
	first := c.Looks()[0].Taken
	own := otherEnds{} // of what it has opened
	var accepted []*socket.Socket
	for _, s := range c.Now().Sockets {
		if s.State != socket.Established && s.State != socket.CloseWait || s.Listener != 0 || len(s.Holders) == 0 {
			continue
		}
		if c.Population(s).Program != p.Program {
			continue
		}
		if !c.Accepted(s) {
			own.add(s)
		} else if c.Track(s).NewSince(first) {
			accepted = append(accepted, s)
		}
	}
	for _, s := range accepted {
		if !own.has(s) {
			n++
		}
	}
	return n
}

// lifeWords says how the sockets came and stayed; "" after one look.
func (c *Case) lifeWords(g *Group) string {
	if len(c.Looks()) < MinLooks {
		return ""
	}
	l := c.LifeOf(g.All)
	over := fmt.Sprintf("in %d samples over %s", len(c.Looks()), words.Span(l.Window))
	switch {
	case l.Born() == 0:
		return "none of the kind was opened " + over
	case c.ClosedAsLong(g) == No:
		return fmt.Sprintf("%d of the kind were opened %s, and none that had been left as long was closed", l.Born(), over)
	}
	return fmt.Sprintf("%d of the kind were opened %s, while others that had been left as long were closed", l.Born(), over)
}

// trendOf is how the number of a group's sockets developed, young ones too: it
// grows only where they accumulate.
func (c *Case) trendOf(g *Group) track.Trend {
	l := c.LifeOf(g.All)
	t := track.Trend{From: l.Before, To: len(g.All)}
	if c.Accumulates(g) == Yes && l.Early > 0 && l.Late > 0 {
		t.Growing = true
		t.Rate = float64(l.Born()) / l.Window.Seconds()
		t.Low, t.High = t.Rate, t.Rate
	}
	return t
}
