//go:build linux

package taskiter

import (
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
)

// TestTakeIn merges descriptors that several walkers saw, in whatever order,
// and with whatever the kernel's count of references was at the moment.
func TestTakeIn(t *testing.T) {
	one, two := socket.ProcessID{PID: 1}, socket.ProcessID{PID: 2}
	held := func(inode uint64, shared bool) *socket.Socket {
		return &socket.Socket{Inode: inode, State: socket.Established, Shared: shared, Facts: socket.HasShared, Presence: socket.InTable}
	}
	listener := &socket.Socket{Inode: 7, State: socket.Listen, Shared: true, Facts: socket.HasShared, Presence: socket.InTable}
	waiting := &socket.Socket{Listener: 7, State: socket.Established}
	catches := make([]catch, 2)
	for _, seen := range []struct {
		walker int
		holder socket.Holder
		socket *socket.Socket
	}{
		{0, socket.Holder{Process: two, FD: 3}, listener},
		{0, socket.Holder{Process: two, FD: 3}, waiting},
		{0, socket.Holder{Process: two, FD: 4}, held(8, true)},
		{1, socket.Holder{Process: one, FD: 3}, listener}, // inherited
		{1, socket.Holder{Process: one, FD: 3}, waiting},
		{1, socket.Holder{Process: one, FD: 5}, held(8, false)}, // before it was duplicated
		{1, socket.Holder{Process: one, FD: 6}, held(9, false)},
	} {
		catches[seen.walker].add(seen.holder, seen.socket)
	}
	sockets, waits, _ := takeIn(catches)
	want := map[uint64][]socket.Holder{
		7: {{Process: one, FD: 3}, {Process: two, FD: 3}},
		8: {{Process: one, FD: 5}, {Process: two, FD: 4}},
		9: {{Process: one, FD: 6}},
	}
	if len(sockets) != len(want) {
		t.Errorf("%d sockets, want %d", len(sockets), len(want))
	}
	for _, s := range sockets {
		if len(s.Holders) != len(want[s.Inode]) {
			t.Errorf("inode %d: %+v, want %+v", s.Inode, s.Holders, want[s.Inode])
			continue
		}
		for i, h := range s.Holders {
			if h != want[s.Inode][i] {
				t.Errorf("inode %d: %+v, want %+v", s.Inode, s.Holders, want[s.Inode])
			}
		}
	}
	if len(waits) != 1 {
		t.Errorf("%d connections wait, want 1: the queue is the same behind both descriptors", len(waits))
	}
}
