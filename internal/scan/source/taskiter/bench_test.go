//go:build linux

package taskiter

import (
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
)

// BenchmarkTakeIn merges what two walkers brought.
func BenchmarkTakeIn(b *testing.B) {
	const many = 50_000
	b.ReportAllocs()
	for b.Loop() {
		catches := make([]catch, 2)
		for i := range many {
			s := socket.Socket{Inode: uint64(i + 1), State: socket.Established, Presence: socket.InTable, Facts: socket.HasShared}
			catches[i%2].add(socket.Holder{Process: socket.ProcessID{PID: 1}, FD: int32(i)}, &s)
		}
		if sockets, _, _ := takeIn(catches); len(sockets) != many {
			b.Fatalf("%d sockets", len(sockets))
		}
	}
}
