//go:build linux

package enrich

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"slices"
	"testing"
	"time"

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

// Without questions the same is asked in parts as in one, and what one side has
// closed before the rest.
func TestAllQuestionsInParts(t *testing.T) {
	snap := manySuspects(30_000)
	ask := allQuestions(snap)
	inOne := suspectsOf(snap.Sockets)
	var want []*socket.Socket
	for _, list := range inOne.connected {
		want = append(want, list...)
	}
	if len(want) == 0 || !slices.Equal(ask.Peers, want) || len(inOne.waiters) == 0 || !slices.Equal(ask.Waiters, inOne.waiters) ||
		len(inOne.shared) == 0 || !slices.Equal(ask.Holders, inOne.shared) || len(ask.PeerHolders) != maxPeerHolders {
		t.Errorf("asks for %d ends of %d, %d waiters of %d, %d holders of %d, %d holders of ends", len(ask.Peers), len(want),
			len(ask.Waiters), len(inOne.waiters), len(ask.Holders), len(inOne.shared), len(ask.PeerHolders))
	}
	if !slices.IsSortedFunc(ask.Peers, func(a, b *socket.Socket) int { return urgency(a) - urgency(b) }) {
		t.Error("the ends are not in the order of their urgency")
	}
	at := map[socket.ProcessID]int{{PID: 1}: 0, {PID: 2}: 1, {PID: 3}: 2}
	wantLists := listsOf(ask.Waiters, snap.Processes, at)
	for i, got := range byProcess(ask.Waiters, snap.Processes) {
		if len(got.sockets) == 0 || !slices.Equal(got.sockets, wantLists[i].sockets) || got.shared != wantLists[i].shared {
			t.Errorf("process %d: %d sockets, want %d", i+1, len(got.sockets), len(wantLists[i].sockets))
		}
	}
}

// Of connections on which nothing hangs a few are asked about where nobody says
// which, and that is no gap; one that waits for its peer goes before them.
func TestIdleConnectionsAreNotAllAsked(t *testing.T) {
	snap := manySuspects(0)
	for i := range 3 * maxIdlePeers {
		snap.Sockets = append(snap.Sockets, &socket.Socket{Inode: uint64(i + 1), Family: socket.IPv4, Protocol: socket.TCP,
			State: socket.Established, Holders: []socket.Holder{{Process: socket.ProcessID{PID: 1}}},
			Remote: netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 2}), 80)})
	}
	last := snap.Sockets[len(snap.Sockets)-1]
	last.SendQ = 1
	ask := allQuestions(snap)
	if len(ask.Peers) != maxIdlePeers+1 || ask.Peers[0] != last || len(ask.PeerHolders) != 1 || len(ask.Waiters) != len(snap.Sockets) {
		t.Errorf("%d ends, %d holders of ends, %d waiters", len(ask.Peers), len(ask.PeerHolders), len(ask.Waiters))
	}
}

// What the bound leaves out is one gap that tells how many, and hides nothing.
func TestQuestionsHaveBounds(t *testing.T) {
	snap := &socket.Snapshot{}
	ask := &socket.Questions{}
	for i := range maxPeers + 8 {
		s := &socket.Socket{Inode: uint64(i + 1), Family: socket.IPv4, Protocol: socket.TCP, State: socket.CloseWait,
			Local:  netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 1}), uint16(i+1)), // TEST-NET-1
			Remote: netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 2}), 80)}
		snap.Sockets = append(snap.Sockets, s)
		ask.Peers = append(ask.Peers, s)
	}
	for range 2 { // two rounds
		if err := enricher(t).Detail(t.Context(), snap, ask, nil, time.Now); err != nil {
			t.Fatal(err)
		}
	}
	if len(snap.Gaps) != 1 || snap.Gaps[0].Count != 8 || snap.Gaps[0].Blinds {
		t.Errorf("gaps %+v; want one of 8", snap.Gaps)
	}
	for _, s := range snap.Sockets {
		if s.Peer != nil {
			t.Fatalf("the other end of a socket on another machine is %+v", *s.Peer)
		}
	}
}

// That a namespace may not be entered is said once, by the source or by us: the
// source of bpf does not enter it, and knows the ages.
func TestUnknownEnds(t *testing.T) {
	snap := &socket.Snapshot{Gaps: []socket.Gap{{Where: "ages and peers of sockets in network namespace 7", Why: "permission denied", Count: 1}}}
	addUnknownEnds(snap, 7, 20, fmt.Errorf("enter: %w", fs.ErrPermission))
	if len(snap.Gaps) != 1 {
		t.Errorf("gaps %+v; want one", snap.Gaps)
	}
	addUnknownEnds(snap, 7, 20, errors.New("interrupted"))
	addUnknownEnds(snap, 8, 20, fs.ErrPermission)
	if len(snap.Gaps) != 3 || snap.Gaps[1].Count != 20 {
		t.Errorf("gaps %+v; want three", snap.Gaps)
	}
}
