//go:build linux

package bpf

import (
	"context"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

func BenchmarkOpen(b *testing.B) {
	open(b, Options{}).Close()
	b.ReportAllocs()
	for b.Loop() {
		p, err := Open(Options{})
		must(b, err)
		p.Close()
	}
}

// BenchmarkBTF is the pass over the kernel's types alone.
func BenchmarkBTF(b *testing.B) {
	for b.Loop() {
		must(b, withKernelBTF(func(data []byte) error {
			_, err := parseBTF(data, symbols())
			return err
		}))
	}
}

func BenchmarkWalk50(b *testing.B)    { benchmarkWalk(b, 50) }
func BenchmarkWalk10000(b *testing.B) { benchmarkWalk(b, 10_000) }

// benchmarkWalk looks at n connected TCP sockets of this process.
func benchmarkWalk(b *testing.B, n int) {
	p := open(b, Options{})
	raiseLimit(b, n+100)
	l, addr := listen(b, unix.IPPROTO_TCP, 128)
	for range n / 2 {
		client := own(b, unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_TCP)
		must(b, unix.Connect(client, addr))
		server, _, err := unix.Accept4(l, unix.SOCK_CLOEXEC)
		must(b, err)
		b.Cleanup(func() { unix.Close(server) })
	}
	w, count := p.Walker(), 0
	b.ReportAllocs()
	for b.Loop() {
		must(b, w.Walk(context.Background(), os.Getpid(), func(Descriptor, *socket.Socket) error {
			count++
			return nil
		}))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(count), "ns/socket")
}

// raiseLimit lets this process have n descriptors.
func raiseLimit(b testing.TB, n int) {
	var limit unix.Rlimit
	must(b, unix.Getrlimit(unix.RLIMIT_NOFILE, &limit))
	if limit.Max < uint64(n) {
		b.Skipf("needs a hard limit of %d descriptors, has %d", n, limit.Max)
	}
	limit.Cur = max(limit.Cur, uint64(n))
	must(b, unix.Setrlimit(unix.RLIMIT_NOFILE, &limit))
}
