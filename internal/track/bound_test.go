package track

import (
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// crawler is a look at a program with n connections to as many peers, all of
// them other ones at each look.
func crawler(look, n int) *socket.Snapshot {
	s := snapshot(dawn.Add(time.Duration(look)*time.Second), "b", api, 0)
	ns := socket.Namespace{ID: 1}
	for i := range n {
		id := uint64(look*n + i)
		peer := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(id >> 16), byte(id >> 8), byte(id)}), 443)
		s.Sockets = append(s.Sockets, &socket.Socket{NetNS: 1, Cookie: id + 1, Family: socket.IPv4, Protocol: socket.TCP,
			State: socket.Established, Facts: socket.HasState, Remote: peer,
			Holders: []socket.Holder{{Process: api, FD: int32(i + 3)}}})
		ns.Ownerless = append(ns.Ownerless, socket.Ownerless{State: socket.TimeWait, Remote: peer, Count: 1})
	}
	s.Namespaces = append(s.Namespaces, ns)
	return s
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestMemoryFollowsWhatIsOpen is the soak test scaled down: 300 new peers at
// every look, as of a crawler, for longer than any series is long. See
// "Soak" in docs/performance.md for the hour with a real program.
func TestMemoryFollowsWhatIsOpen(t *testing.T) {
	const peers, looks = 300, 2400
	h := NewHistory()
	var early uint64
	for i := range looks {
		h.Add(crawler(i, peers))
		if i == looks/8 {
			early = heap()
		}
	}
	late := heap()
	t.Logf("heap %d KB after %d looks, %d KB after %d", early>>10, looks/8, late>>10, looks)
	if late > early+4<<20 {
		t.Errorf("the heap grew from %d to %d KB", early>>10, late>>10)
	}
	if len(h.gauges) > maxGauges || len(h.looks) > maxLooks || len(h.tracks) != peers {
		t.Errorf("%d gauges, %d looks, %d tracks", len(h.gauges), len(h.looks), len(h.tracks))
	}
	if h.Count() != looks || h.Window() != (looks-1)*time.Second {
		t.Errorf("%d looks in %s", h.Count(), h.Window())
	}
	opened, closed := 0, 0
	for _, l := range h.Looks()[1:] {
		opened, closed = opened+l.New, closed+l.Gone
	}
	if want := (looks - 1) * peers; opened != want || closed != want {
		t.Errorf("%d opened, %d closed, want %d of each", opened, closed, want)
	}
	runtime.KeepAlive(h)
}

func TestSeriesIsThinnedEvenly(t *testing.T) {
	for _, looks := range []int{maxPoints, maxPoints + 1, 3*maxPoints + 5, 100*maxPoints + 77} {
		var s series
		for _, p := range everySecond(looks, func(i int) int { return 1000 + i }) {
			s.add(p)
		}
		n := len(s.points)
		if n > maxPoints || n < maxPoints/2 || !s.points[0].At.Equal(dawn) || s.points[n-1].Count != 1000+looks-1 {
			t.Fatalf("%d looks: %d points, from %v to %v", looks, n, s.points[0], s.points[n-1])
		}
		trend := GrowthOf(s.points)
		if !trend.Growing || trend.Rate < 0.9 || trend.Rate > 1.1 {
			t.Errorf("%d looks: %+v", looks, trend)
		}
		var saw series
		for _, p := range everySecond(looks, func(i int) int { return i % 20 }) {
			saw.add(p)
		}
		if GrowthOf(saw.points).Growing {
			t.Errorf("%d looks of a sawtooth grow: %v", looks, saw.points)
		}
	}
}
