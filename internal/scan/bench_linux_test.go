package scan

import (
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
)

// BenchmarkTakeIn merges what two walkers of the bpf source brought.
func BenchmarkTakeIn(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		catches := make([]catch, 2)
		for i := range many {
			s := facts(i)
			s.Facts |= socket.HasShared
			catches[i%2].add(socket.Holder{Process: socket.ProcessID{PID: 1}, FD: int32(i)}, &s)
		}
		d := newDraft(&socket.Snapshot{}, 0)
		if d.takeIn(catches); len(d.snap.Sockets) != many {
			b.Fatalf("%d sockets", len(d.snap.Sockets))
		}
	}
}
