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

// maxFollowed is how many groups are followed one by one: 16 MB at most. A
// crawler or a proxy has a group for each of its peers.
const maxFollowed = 4096

// group is the history of one group.
type group struct {
	series
	peak int // its largest count
	last int // number of the look that saw it last
}

// Series returns the size of the given groups together, oldest look first. It
// is empty after only one look, and for groups that are not followed one by
// one: see Others.
func (h *History) Series(keys ...GroupKey) []Point {
	var sum []Point
	for _, key := range keys {
		g := h.groups[key]
		switch {
		case g == nil:
		case sum == nil:
			sum = slices.Clone(g.points)
		default:
			sum = addPoints(sum, g.points)
		}
	}
	return sum
}

// Others returns how many groups of the newest look were too small, among too
// many, to be followed one by one, and how many sockets they have together
// over time. What one of them does is not known.
func (h *History) Others() (groups int, points []Point) { return h.unfollowed, h.others.points }

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

// followGroups takes in the sizes of one look. Counts is changed.
func (h *History) followGroups(counts map[GroupKey]int, at time.Time) {
	before := h.unfollowed
	var rest int
	h.unfollowed, rest = keepLargest(counts, maxFollowed, func(k GroupKey) bool { return h.groups[k] != nil })
	if h.unfollowed > 0 || h.others.points != nil {
		h.others.add(Point{at, rest})
	}
	for key, n := range counts {
		g := h.groups[key]
		if g == nil {
			g = &group{}
			if h.seq > 1 && before == 0 { // it was empty until now
				g.add(Point{h.looks[len(h.looks)-1].Taken, 0})
			}
			h.groups[key] = g
		}
		g.add(Point{at, n})
		g.peak = max(g.peak, n)
		g.last = h.seq
	}
	h.evictGroups(maxFollowed-len(counts), at)
}

// evictGroups drops the groups that have nothing open, but for as many of the
// largest as there is room for: what fills and empties alternately must not look
// like one that begins to grow.
func (h *History) evictGroups(room int, at time.Time) {
	empty := map[GroupKey]int{}
	for key, g := range h.groups {
		if g.last != h.seq && g.peak > 1 {
			empty[key] = g.peak
		}
	}
	keepLargest(empty, room, func(GroupKey) bool { return false })
	for key, g := range h.groups {
		if g.last == h.seq {
			continue
		}
		if empty[key] == 0 {
			delete(h.groups, key)
			continue
		}
		g.add(Point{at, 0})
	}
}
