package scan

import (
	"slices"
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
)

// manySuspects is a snapshot of sockets in several states, some of which two
// processes hold.
func manySuspects(n int) *socket.Snapshot {
	snap := &socket.Snapshot{}
	for pid := 1; pid <= 3; pid++ {
		snap.Processes = append(snap.Processes, socket.Process{ID: socket.ProcessID{PID: pid}, SocketFDs: n / 3})
	}
	states := []socket.State{socket.Established, socket.CloseWait, socket.TimeWait, socket.Close}
	for i := range n {
		s := &socket.Socket{Inode: uint64(i + 1), Family: socket.Unix, State: states[i%len(states)],
			Facts: socket.HasShared, Shared: i%5 == 0, UnixInfo: &socket.UnixInfo{PeerInode: uint64(i)}}
		s.Holders = []socket.Holder{{Process: socket.ProcessID{PID: 1 + i%4}}} // the fourth is not in the snapshot
		if i%7 == 0 {
			s.Holders = append(s.Holders, socket.Holder{Process: socket.ProcessID{PID: 1 + i%3}})
		}
		snap.Sockets = append(snap.Sockets, s)
	}
	return snap
}

// TestSuspectsInParts finds the same in parts as in one.
func TestSuspectsInParts(t *testing.T) {
	snap := manySuspects(30_000)
	got := suspects(snap)
	lists, worth := got.lists, got.worth
	at := map[socket.ProcessID]int{{PID: 1}: 0, {PID: 2}: 1, {PID: 3}: 2}
	inOne := suspectsOf(snap.Sockets, snap.Processes, at)
	want, wantWorth := inOne.lists, inOne.worth
	for i := range want {
		if len(want[i].sockets) == 0 || !slices.Equal(lists[i].sockets, want[i].sockets) || lists[i].shared != want[i].shared {
			t.Errorf("process %d: %d suspects, want %d", i+1, len(lists[i].sockets), len(want[i].sockets))
		}
	}
	if len(wantWorth.unix) == 0 || !slices.Equal(worth.unix, wantWorth.unix) || len(wantWorth.shared) == 0 || !slices.Equal(worth.shared, wantWorth.shared) {
		t.Errorf("%d UNIX sockets and %d shared, want %d and %d", len(worth.unix), len(worth.shared), len(wantWorth.unix), len(wantWorth.shared))
	}
}

// TestSampleInParts merges samples of parts of any size.
func TestSampleInParts(t *testing.T) {
	list := make([]socket.Socket, 5000)
	for i := range list {
		list[i].Inode = uint64(i)
	}
	for _, n := range []int{0, 10, maxPeers, maxPeers + 1, 3000, len(list)} {
		for _, cut := range []int{0, 1, n / 3, n / 2, n} {
			cut = min(cut, n)
			var a, b sample
			for i := range cut {
				a.add(&list[i])
			}
			for i := cut; i < n; i++ {
				b.add(&list[i])
			}
			a.merge(b)
			if len(a.list) > maxPeers || len(a.list) < min(n, maxPeers/2) {
				t.Errorf("%d of %d sockets, cut at %d", len(a.list), n, cut)
			}
			last := -1
			for _, s := range append(a.list, &socket.Socket{Inode: uint64(n)}) {
				if gap := int(s.Inode) - last; gap < 1 || gap > 2<<a.halved {
					t.Errorf("%d sockets, cut at %d: %d behind %d, one of %d is kept", n, cut, s.Inode, last, 1<<a.halved)
				}
				last = int(s.Inode)
			}
		}
	}
}
