package rules

import (
	"fmt"
	"github.com/sockleak/sockleak/internal/leak"
	"net/netip"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// healthy is what a large server looks like: half accepted connections that
// an epoll set watches, half pooled ones to 50 places.
func healthy(n int) []part {
	watched := epoll(socket.EpollIn | socket.EpollET)
	return []part{
		accepted(n/2, watched, silent(time.Second)),
		clients(n/2, watched, silent(time.Second), func(s *socket.Socket, i int) {
			s.Remote = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 1, byte(i % 50)}), 5432)
		}),
	}
}

// leaking adds 19,900 sockets in CLOSE_WAIT.
func leaking(n int) []part {
	return append(healthy(n-19_900), accepted(19_900, in(socket.CloseWait), silent(time.Minute), nobody(), func(s *socket.Socket, _ int) {
		s.Inode += 200_000
		s.Cookie = s.Inode
	}))
}

func BenchmarkJudge(b *testing.B) {
	for _, n := range []int{50_000, 200_000} {
		for name, parts := range map[string][]part{"healthy": healthy(n), "leaking": leaking(n)} {
			one := look(parts...)
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) { benchJudge(b, one) })
		}
		ten := looks(10, func(int) []part { return leaking(n) })
		b.Run(fmt.Sprintf("leaking-10-looks/%d", n), func(b *testing.B) { benchJudge(b, ten) })
	}
}

func benchJudge(b *testing.B, h *track.History) {
	b.ReportAllocs()
	for b.Loop() {
		Judge(h, leak.Defaults())
	}
}

// BenchmarkAdd is one more look of a long watch.
func BenchmarkAdd(b *testing.B) {
	for _, n := range []int{50_000, 200_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h := looks(2, func(int) []part { return healthy(n) })
			next := snapshot(taken.Add(time.Hour), healthy(n)...)
			b.ReportAllocs()
			for b.Loop() {
				h.Add(next)
			}
		})
	}
}
