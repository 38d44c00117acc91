//go:build linux

package sockdiag

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

func ignore(*socket.Socket) error { return nil }

func BenchmarkParse(b *testing.B) {
	for _, f := range fixtures {
		bodies := f.bodies(b)
		b.Run(f.name, func(b *testing.B) {
			info := new(socket.UnixInfo)
			var s socket.Socket
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				s = socket.Socket{UnixInfo: info}
				if err := f.parse(bodies[i%len(bodies)], &s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// manySockets opens n TCP connections in a namespace of their own, a tenth of
// them in CLOSE_WAIT, and returns their tuples.
func manySockets(b *testing.B, n int) (*Conn, []Tuple) {
	b.Helper()
	var limit unix.Rlimit
	check(b, "RLIMIT_NOFILE", unix.Getrlimit(unix.RLIMIT_NOFILE, &limit))
	limit.Cur = limit.Max
	check(b, "RLIMIT_NOFILE", unix.Setrlimit(unix.RLIMIT_NOFILE, &limit))
	if limit.Max < uint64(2*n+100) {
		b.Skipf("needs RLIMIT_NOFILE of %d", 2*n+100)
	}
	c := privateNet(b)
	l := listenTCP(b, 0, 16)
	b.Cleanup(func() { unix.Close(l) })
	var tuples []Tuple
	for i := range n {
		client := connectTo(b, l, 0)
		server, _, err := unix.Accept4(l, unix.SOCK_CLOEXEC)
		check(b, "accept", err)
		b.Cleanup(func() { unix.Close(server) })
		tuples = append(tuples, Tuple{Local: local(b, server), Remote: local(b, client), Cookie: cookieOf(b, server)})
		if i%10 == 0 {
			unix.Close(client)
		} else {
			b.Cleanup(func() { unix.Close(client) })
		}
	}
	return c, tuples
}

// perSocket measures a look at that many sockets.
func perSocket(b *testing.B, sockets int, look func() error) {
	b.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		if err := look(); err != nil {
			b.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	total := float64(b.N) * float64(sockets)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/total, "ns/socket")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/total, "allocs/socket")
}

const benchConns = 5000 // twice as many sockets

func BenchmarkDumpAll(b *testing.B) {
	c, _ := manySockets(b, benchConns)
	perSocket(b, len(collect(b, c.tcp)), func() error { return c.TCP(b.Context(), Filter{}, ignore) })
}

func BenchmarkDumpByFamily(b *testing.B) {
	c, _ := manySockets(b, benchConns)
	perSocket(b, len(collect(b, c.tcp)), func() error { return c.tcpByFamily(b.Context(), Filter{}, nil, parseTCP, ignore) })
}

// BenchmarkDumpCloseWait gives the cost by socket that the filter lets through.
func BenchmarkDumpCloseWait(b *testing.B) {
	c, _ := manySockets(b, benchConns)
	f := Filter{States: socket.StateSet(socket.CloseWait)}
	perSocket(b, len(collect(b, filtered(c, f))), func() error { return c.TCP(b.Context(), f, ignore) })
}

func BenchmarkDumpOnePort(b *testing.B) {
	c, tuples := manySockets(b, benchConns)
	f := Filter{LocalPorts: []uint16{tuples[1].Remote.Port()}}
	perSocket(b, len(collect(b, filtered(c, f))), func() error { return c.TCP(b.Context(), f, ignore) })
}

func BenchmarkLookup(b *testing.B) {
	c, tuples := manySockets(b, 1000)
	perSocket(b, len(tuples), func() error {
		return c.Lookup(b.Context(), tuples, func(int, *socket.Socket) error { return nil })
	})
}

func BenchmarkDumpUnix(b *testing.B) {
	c := privateNet(b)
	for range 1000 {
		fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		check(b, "socketpair", err)
		b.Cleanup(func() { unix.Close(fds[0]); unix.Close(fds[1]) })
	}
	perSocket(b, 2000, func() error { return c.Unix(b.Context(), ignore) })
}

func BenchmarkDumpBrief(b *testing.B) {
	c, _ := manySockets(b, benchConns)
	perSocket(b, len(collect(b, c.tcp)), func() error { return c.TCP(b.Context(), Filter{Brief: true}, ignore) })
}
