package scan

import (
	"net/netip"
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
)

// TestQueuesOfOthers: what waits for other programs' listeners is not kept,
// however many there are.
func TestQueuesOfOthers(t *testing.T) {
	at := func(port uint16) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)
	}
	d := newDraft(&socket.Snapshot{}, 0)
	d.Hold(1, socket.Holder{FD: 3})
	take := d.taker()
	for inode, port := range map[uint64]uint16{1: 80, 2: 81} {
		take(&socket.Socket{Inode: inode, Family: socket.IPv4, Protocol: socket.TCP, State: socket.Listen, Presence: socket.InTable, Local: at(port)})
	}
	for i := range uint16(100) {
		for _, port := range []uint16{80, 81} {
			take(&socket.Socket{Family: socket.IPv4, Protocol: socket.TCP, State: socket.Established, Local: at(port), Remote: at(1000 + i)})
			take(&socket.Socket{Family: socket.IPv4, Protocol: socket.TCP, State: socket.TimeWait, Local: at(port), Remote: at(2000 + i)})
		}
	}
	if len(d.queued) != 100 {
		t.Errorf("%d sockets are kept, want 100", len(d.queued))
	}
	d.assignQueued()
	for _, s := range d.snap.Sockets[1:] {
		if s.Listener != 1 {
			t.Fatalf("%+v", s)
		}
	}
}
