package leak

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// group is the sockets of one place, oldest first.
type group struct {
	place
	sockets []*socket.Socket
}

// groups sorts sockets by place, in a total order, and by age.
func (c *Case) groups(list []*socket.Socket) []group {
	out := c.places(list)
	for _, g := range out {
		c.oldestFirst(g.sockets)
	}
	return out
}

// places is groups without an order among the sockets of a group.
func (c *Case) places(list []*socket.Socket) []group {
	byPlace := map[place]*group{}
	var order []*group
	var g *group
	for _, s := range list {
		if key := c.placeOf(s); g == nil || g.place != key { // neighbours are often of the same place
			g = byPlace[key]
			if g == nil {
				g = &group{place: key}
				byPlace[key] = g
				order = append(order, g)
			}
		}
		g.sockets = append(g.sockets, s)
	}
	slices.SortFunc(order, func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.process.PID, b.process.PID), cmp.Compare(a.proto, b.proto),
			a.local.Compare(b.local), a.remote.Compare(b.remote))
	})
	out := make([]group, len(order))
	for i, g := range order {
		out[i] = *g
	}
	return out
}

// oldestFirst sorts by age in the state; the snapshot's order breaks ties.
func (c *Case) oldestFirst(list []*socket.Socket) {
	longestFirst(list, func(s *socket.Socket) time.Duration { return c.Age(s).AtLeast })
}

// finding begins a finding about the group.
func (c *Case) finding(g group, level Level, summary string) Finding {
	return Finding{
		Level: level, Process: g.process, Local: g.local, Remote: g.remote, Sockets: g.sockets,
		Summary: summary, Age: c.Age(g.sockets[0]), Trend: c.trend(g), Watched: c.watched(g.sockets),
		Matters: c.matters(g),
	}
}

// trend is how the number of the group's sockets in their state developed, in
// all processes of the program together: prefork workers share a cause.
func (c *Case) trend(g group) track.Trend {
	s := g.sockets[0]
	key := track.KeyOf(s, c.Accepted(s))
	p := c.Now().Process(key.Process)
	if p == nil || p.Exe == "" {
		return track.GrowthOf(c.Series(key))
	}
	var keys []track.GroupKey
	for i := range c.Now().Processes {
		if q := &c.Now().Processes[i]; q.Target && q.Exe == p.Exe {
			key.Process = q.ID
			keys = append(keys, key)
		}
	}
	return track.GrowthOf(c.Series(keys...))
}

// older counts the sockets that have been in their state for at least d.
// The list must be sorted oldest first.
func (c *Case) older(list []*socket.Socket, d time.Duration) int {
	return sort.Search(len(list), func(i int) bool { return c.Age(list[i]).AtLeast < d })
}

// where says whom the sockets of the group are connected to, or what they
// came in on: "10.0.0.5:5432", or "clients of port 8080".
func (g *group) where() string {
	switch {
	case g.remote.IsValid():
		return g.remote.String()
	case g.local.IsValid():
		return fmt.Sprintf("clients of port %d", g.local.Port())
	}
	return "no address"
}

// longestFirst sorts sockets by a duration of each, which it asks for once;
// their order breaks ties.
func longestFirst(list []*socket.Socket, duration func(*socket.Socket) time.Duration) {
	type timed struct {
		d  time.Duration
		at int
		s  *socket.Socket
	}
	all := make([]timed, len(list))
	for i, s := range list {
		all[i] = timed{duration(s), i, s}
	}
	slices.SortFunc(all, func(a, b timed) int { return cmp.Or(cmp.Compare(b.d, a.d), cmp.Compare(a.at, b.at)) })
	for i := range all {
		list[i] = all[i].s
	}
}
