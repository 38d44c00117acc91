//go:build linux

package proc

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
	"golang.org/x/sys/unix"
)

// manyRows writes a TCP table with that many connections.
func manyRows(tb testing.TB, rows int) FS {
	tb.Helper()
	root := tb.TempDir()
	dir := filepath.Join(root, "1/net")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		tb.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n")
	for i := range rows {
		fmt.Fprintf(&table, "%4d: 0100007F:1F90 0100007F:%04X 08 00000000:00000001 00:00000000 00000000  1000        0 %d 1 0000000000000000 20 4 30 10 -1\n",
			i, i%65536, 100000+i)
	}
	for name, content := range map[string]string{"tcp": table.String(), "tcp6": "header\n", "dev": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	fs, err := New(root)
	if err != nil {
		tb.Fatal(err)
	}
	return fs
}

func countTCP(tb testing.TB, fs FS) int {
	rows := 0
	err := fs.NetTCP(1, func(s *socket.Socket) error {
		if s.State == socket.CloseWait {
			rows++
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return rows
}

func BenchmarkNetTCP(b *testing.B) {
	const rows = 50_000
	fs := manyRows(b, rows)
	b.ReportAllocs()
	for b.Loop() {
		if got := countTCP(b, fs); got != rows {
			b.Fatal(got)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}

// Rows cost no memory; what the runtime allocates meanwhile is no row's.
func TestNetTCPAllocs(t *testing.T) {
	few, many := manyRows(t, 10), manyRows(t, 10_000)
	base := testing.AllocsPerRun(5, func() { countTCP(t, few) })
	if got := testing.AllocsPerRun(5, func() { countTCP(t, many) }); got > base+100 {
		t.Errorf("%v allocations for 10000 rows, %v for 10", got, base)
	}
}

// manyFDs opens that many descriptors of one socket.
func manyFDs(tb testing.TB, count int) {
	tb.Helper()
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		tb.Fatal(err)
	}
	if limit.Cur < uint64(count)+100 {
		tb.Skipf("needs ulimit -n %d", count+100)
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { unix.Close(fd) })
	for range count - 1 {
		dup, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { unix.Close(dup) })
	}
}

func countFDs(tb testing.TB, fs FS) int {
	found := 0
	if _, err := fs.SocketFDs(os.Getpid(), func(int32, uint64) { found++ }); err != nil {
		tb.Fatal(err)
	}
	return found
}

func BenchmarkSocketFDs(b *testing.B) {
	const count = 10_000
	manyFDs(b, count)
	fs := live(b)
	b.ReportAllocs()
	for b.Loop() {
		if got := countFDs(b, fs); got < count {
			b.Fatal(got)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/count, "ns/fd")
}

// Descriptors cost no memory.
func TestSocketFDsAllocs(t *testing.T) {
	fs := live(t)
	base := testing.AllocsPerRun(5, func() { countFDs(t, fs) })
	manyFDs(t, 500)
	if got := testing.AllocsPerRun(5, func() { countFDs(t, fs) }); got > base+100 {
		t.Errorf("%v allocations with 500 more descriptors, %v without", got, base)
	}
}

func BenchmarkProcess(b *testing.B) {
	fs := live(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := fs.Process(os.Getpid()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStart(b *testing.B) {
	fs := live(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := fs.Start(os.Getpid()); err != nil {
			b.Fatal(err)
		}
	}
}
