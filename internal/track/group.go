package track

import (
	"net/netip"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// GroupKey names the sockets that one process has open to one place in one
// state: the unit whose growth is followed.
type GroupKey struct {
	Process socket.ProcessID // the first holder; zero for sockets without one
	Proto   string
	State   socket.State
	Local   netip.AddrPort // of accepted connections and listeners, else zero
	Remote  netip.AddrPort // of connections that the process opened, else zero
}

// KeyOf returns the group of a socket. accepted tells the two directions
// apart: it must be true when the socket came out of accept().
func KeyOf(s *socket.Socket, accepted bool) GroupKey {
	key := GroupKey{Proto: s.Proto(), State: s.State}
	if len(s.Holders) > 0 {
		key.Process = s.Holders[0].Process
	}
	switch {
	case accepted || s.State == socket.Listen:
		key.Local = s.Local
	default:
		key.Remote = s.Remote
	}
	return key
}

// Group is the history of one group.
type Group struct {
	Points []Point
	last   int // number of the look that saw it last
}

// Point is the size of a group at one look.
type Point struct {
	At    time.Time
	Count int
}

// maxPoints bounds what is kept of a group. Beyond it every second point is
// dropped: the shape over hours stays, the memory does not grow.
const maxPoints = 512

// Series returns the size of the given groups together, oldest look first. It
// is empty after only one look.
func (h *History) Series(keys ...GroupKey) []Point {
	var sum []Point
	for _, key := range keys {
		g := h.groups[key]
		switch {
		case g == nil:
		case sum == nil:
			sum = slices.Clone(g.Points)
		default:
			sum = addSeries(sum, g.Points)
		}
	}
	return sum
}

// addSeries adds two series of the same looks, of which one may begin later
// or have been thinned out: a size lasts until the next point.
func addSeries(a, b []Point) []Point {
	if len(a) < len(b) {
		a, b = b, a
	}
	sum := slices.Clone(a)
	j, last := 0, 0
	for i := range sum {
		for j < len(b) && !b[j].At.After(sum[i].At) {
			last = b[j].Count
			j++
		}
		sum[i].Count += last
	}
	return sum
}

// countGroups counts the sockets of each group of a snapshot.
func countGroups(snap *socket.Snapshot) map[GroupKey]int {
	listeners := socket.NewListeners(snap)
	counts := map[GroupKey]int{}
	var last GroupKey // neighbours are often of the same group
	n := 0
	for _, s := range snap.Sockets {
		if key := KeyOf(s, listeners.Accepted(s)); n == 0 || key != last {
			counts[last] += n
			last, n = key, 0
		}
		n++
	}
	counts[last] += n
	if counts[GroupKey{}] == 0 {
		delete(counts, GroupKey{})
	}
	return counts
}

func (h *History) followGroups(counts map[GroupKey]int, at time.Time) {
	for key, n := range counts {
		g := h.groups[key]
		if g == nil {
			g = &Group{}
			if h.seq > 1 { // it was empty until now
				g.Points = append(g.Points, Point{h.looks[len(h.looks)-1].Taken, 0})
			}
			h.groups[key] = g
		}
		g.add(Point{at, n})
		g.last = h.seq
	}
	for _, g := range h.groups {
		if g.last != h.seq {
			g.add(Point{at, 0})
		}
	}
}

func (g *Group) add(p Point) {
	if len(g.Points) == maxPoints {
		kept := g.Points[:0]
		for i := 0; i < maxPoints; i += 2 {
			kept = append(kept, g.Points[i])
		}
		g.Points = kept
	}
	g.Points = append(g.Points, p)
}
