package source

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
	d := NewBuilder(&socket.Snapshot{}, false, 0)
	d.Hold(1, socket.Holder{FD: 3})
	take := d.Taker()
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
	d.AssignQueued()
	for _, s := range d.snap.Sockets[1:] {
		if s.Listener != 1 {
			t.Fatalf("%+v", s)
		}
	}
}

// A connection that was accepted, or closed, during the look is not there
// twice: once held, and once as nobody's.
func TestNotTwice(t *testing.T) {
	at := func(port uint16) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)
	}
	tcp := socket.Socket{Family: socket.IPv4, Protocol: socket.TCP, Presence: socket.InTable, Local: at(80)}
	listener, held, queued := tcp, tcp, tcp
	listener.Inode, listener.State = 1, socket.Listen
	held.Inode, held.State, held.Remote = 2, socket.Established, at(1000)
	queued.State, queued.Remote = socket.Established, at(1001)
	accepted := held
	accepted.Inode = 0
	b := NewBuilder(&socket.Snapshot{}, false, 0)
	b.Adopt([]*socket.Socket{&listener, &held}, []socket.Socket{accepted, queued}, 0)
	b.AssignQueued()
	if list := b.Sockets(); len(list) != 3 || list[2].Remote != at(1001) {
		t.Errorf("%d sockets", len(list))
	}
	if !b.Connections().Has(&accepted) || b.Connections().Has(&listener) {
		t.Error("a connection that was closed during the look is not known")
	}
}
