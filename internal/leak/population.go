package leak

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// Key is what the sockets of one group have in common: their population, and
// for rules that ask for it, more.
type Key struct {
	track.Population
	Place netip.AddrPort // of rules that judge each place by itself
	Owner socket.ProcessID
}

// Group is the sockets of one population that one rule is about.
type Group struct {
	Key
	All     []*socket.Socket // all that match the pattern, young ones too
	Sockets []*socket.Socket // those that are ripe and that no spare acquits, oldest first
	Open    []int            // by the rule's spares, of how many its answer is not known
	Proof   *Proof           // what has proven it, nil for a suspicion

	size    int                                  // of All, before it is there
	answers map[string]Answer                    // of questions about the whole group, see once
	counts  map[socket.ProcessID]int             // see each
	ages    map[socket.ProcessID][]time.Duration // see beyond
	readers map[readersAt]time.Duration          // see ReaderGone
}

// Once answers a question about the whole group, which every one of its
// sockets asks, only once.
func (g *Group) Once(question string, ask func() Answer) Answer {
	a, ok := g.answers[question]
	if !ok {
		if g.answers == nil {
			g.answers = map[string]Answer{}
		}
		a = ask()
		g.answers[question] = a
	}
	return a
}

// groups sorts sockets by key, in a total order.
func (c *Case) groups(list []*socket.Socket, key func(*Case, *socket.Socket) Key) []*Group {
	if key == nil {
		key = (*Case).populationKey
	}
	by := map[Key]*Group{}
	var order, of []*Group // of: by socket, once there is a second group
	var g *Group
	for i, s := range list {
		if k := key(c, s); g == nil || g.Key != k { // neighbours are often of the same group
			if g = by[k]; g == nil {
				g = &Group{Key: k}
				by[k] = g
				order = append(order, g)
			}
			if of == nil && len(order) == 2 {
				of = append(make([]*Group, 0, len(list)), slices.Repeat(order[:1], i)...)
			}
		}
		if of != nil {
			of = append(of, g)
		}
		g.size++
	}
	if len(order) == 1 {
		order[0].All = list
		return order
	}
	for i, s := range list {
		if g = of[i]; g.All == nil {
			g.All = make([]*socket.Socket, 0, g.size)
		}
		g.All = append(g.All, s)
	}
	slices.SortFunc(order, func(a, b *Group) int {
		return cmp.Or(a.Program.Compare(b.Program), cmp.Compare(a.Family, b.Family),
			cmp.Compare(a.Type, b.Type), cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Role, b.Role),
			a.Place.Compare(b.Place), cmp.Compare(a.Owner.PID, b.Owner.PID))
	})
	return order
}

// populationKey is the key of rules that count by population alone.
func (c *Case) populationKey(s *socket.Socket) Key { return Key{Population: c.Population(s)} }

// parts cuts the group by where its sockets belong: what leaks towards one
// destination must not be hidden by a healthy pool to another.
func (c *Case) parts(g *Group, list []*socket.Socket) []*Group {
	by := map[netip.AddrPort]*Group{}
	var order []*Group
	for _, s := range g.All {
		at := c.placeOf(s)
		part := by[at]
		if part == nil {
			part = &Group{Key: g.Key}
			by[at] = part
			order = append(order, part)
		}
		part.All = append(part.All, s)
	}
	for _, s := range list {
		part := by[c.placeOf(s)]
		part.Sockets = append(part.Sockets, s)
	}
	if len(order) < 2 {
		return nil
	}
	return slices.DeleteFunc(order, func(p *Group) bool { return len(p.Sockets) == 0 })
}

// placeOf is where a socket belongs: the local port of what was accepted and
// of listeners, the destination of the others.
func (c *Case) placeOf(s *socket.Socket) netip.AddrPort {
	if role := track.RoleOf(s, c.Listeners()); role == track.Accepted || role == track.Listening {
		return netip.AddrPortFrom(netip.Addr{}, s.Local.Port())
	}
	return s.Remote
}

// oldestFirst sorts by age in the state; the snapshot's order breaks ties.
func (c *Case) oldestFirst(list []*socket.Socket) {
	LongestFirst(list, func(s *socket.Socket) time.Duration { return c.Age(s).AtLeast })
}

// LongestFirst sorts sockets by a duration of each, which it asks for once.
func LongestFirst(list []*socket.Socket, duration func(*socket.Socket) time.Duration) {
	type timed struct {
		d time.Duration
		s *socket.Socket
	}
	all := make([]timed, len(list))
	for i, s := range list {
		all[i] = timed{duration(s), s}
	}
	slices.SortStableFunc(all, func(a, b timed) int { return cmp.Compare(b.d, a.d) })
	for i := range all {
		list[i] = all[i].s
	}
}
