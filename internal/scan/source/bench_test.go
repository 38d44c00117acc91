package source_test

import (
	"net/netip"
	"testing"

	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/socket"
)

const many = 50_000

// facts returns what a table says of socket i.
func facts(i int) socket.Socket {
	local := netip.AddrFrom4([4]byte{127, 0, byte(i >> 14), 1})
	return socket.Socket{Inode: uint64(i + 1), Cookie: uint64(i + 1), Family: socket.IPv4, Protocol: socket.TCP,
		State: socket.Established, Presence: socket.InTable, Facts: socket.HasState | socket.HasAddrs | socket.HasTCPInfo,
		Local: netip.AddrPortFrom(local, uint16(i)), Remote: netip.AddrPortFrom(local, 80)}
}

func hold(d *source.Builder) {
	for i := range many {
		d.Hold(uint64(i+1), socket.Holder{Process: socket.ProcessID{PID: 1}, FD: int32(i)})
	}
}

func BenchmarkHold(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		hold(source.NewBuilder(&socket.Snapshot{}, false, 0))
	}
}

// BenchmarkHoldAgain is a look of a poll, which knows what to expect.
func BenchmarkHoldAgain(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		hold(source.NewBuilder(&socket.Snapshot{}, false, many))
	}
}

func BenchmarkFill(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		d := source.NewBuilder(&socket.Snapshot{}, false, many)
		hold(d)
		b.StartTimer()
		for i := range many {
			s := facts(i)
			d.Fill(&s)
		}
	}
}
