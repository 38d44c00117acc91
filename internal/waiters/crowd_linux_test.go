package waiters

import (
	"fmt"
	"os/exec"
	"strconv"
	"testing"

	"github.com/sockleak/sockleak/internal/program"
	"github.com/sockleak/sockleak/internal/socket"
	"golang.org/x/sys/unix"
)

// crowd starts a Go program with so many sockets that are read from, and so many
// other goroutines.
func crowd(t testing.TB, sockets, goroutines int) (p *running, target Target) {
	t.Helper()
	exe, source := buildGo(t, "local", "crowd")
	p = run(t, source, exec.Command(exe, strconv.Itoa(sockets), strconv.Itoa(goroutines)))
	return p, p.target()
}

// However many goroutines there are, only those that wait for the sockets are
// looked at; of all registrations it is known who waits.
func TestManyGoroutines(t *testing.T) {
	const sockets, mostRead = 1000, 16 << 20
	p, target := crowd(t, sockets, 100_000)
	p.eventually(func() (problems []string) {
		found, err := p.look()
		if err != nil {
			return []string{err.Error()}
		}
		for _, inode := range p.inodes["read"] {
			s := found[inode]
			if !s.poller || len(s.waiters) != 1 || s.waiters[0].Kind != socket.GoroutineWaiter {
				problems = append(problems, fmt.Sprintf("read: %+v", s))
			}
		}
		if s := found[p.inodes["nobody"][0]]; !s.poller || len(s.waiters) > 0 {
			problems = append(problems, fmt.Sprintf("nobody: %+v", s))
		}
		return problems
	})
	found, err := Look(target)
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, list := range found.ByEpoll {
		for _, w := range list {
			if own := w.Own(); own != nil && own.Function == "main.read" && own.Line == p.line("waits: read") {
				read++
			} else if len(w.Frames) > 0 {
				t.Errorf("frames %+v", w.Frames)
			}
		}
	}
	if read == 0 || read > mostStacks {
		t.Errorf("%d stacks were read; want at most %d", read, mostStacks)
	}
	if prog, err := program.Open("/proc", target.Process, mostRead); err != nil || prog.Go == nil {
		t.Errorf("the program is not opened within %d bytes: %v", mostRead, err)
	} else {
		prog.Close()
	}
}

// Of 10,000 threads that wait for one socket all are named, and as many stacks
// are read as there may be.
func TestManyThreads(t *testing.T) {
	const threads = 10_000
	exe, source := buildC(t, "threads", "-O2", "-g")
	p := run(t, source, exec.Command(exe, strconv.Itoa(threads)))
	if len(p.inodes["few"]) > 0 {
		t.Skip("needs room for 10,000 threads: sysctl kernel.threads-max, ulimit -u, pids.max of the cgroup")
	}
	p.eventually(func() []string {
		found, err := p.look()
		if err != nil {
			return []string{err.Error()}
		}
		waiters, lines := found[p.inodes["recv"][0]].waiters, 0
		for i := range waiters {
			if own := waiters[i].Own(); own != nil {
				if lines++; own.Line != p.line("waits: recv") {
					t.Fatalf("own frame %+v", own)
				}
			}
		}
		if len(waiters) != threads || lines == 0 || lines > mostStacks {
			return []string{fmt.Sprintf("%d waiters, %d of them with a line", len(waiters), lines)}
		}
		return nil
	})
}

// What it costs to find who waits for 10,000 sockets, both ends of 5,000
// connections, among 100,000 other goroutines; 512 stacks are read.
func BenchmarkGoroutines(b *testing.B) {
	_, target := crowd(b, 5000, 100_000)
	benchmarkLook(b, target)
}

// The same of 512 sockets, as a scan asks.
func BenchmarkFewGoroutines(b *testing.B) {
	_, target := crowd(b, 5000, 5000)
	target.Epolls = target.Epolls[:512]
	benchmarkLook(b, target)
}

// benchmarkLook also says what processor time it takes: wall time on a busy
// machine says little.
func benchmarkLook(b *testing.B, target Target) {
	cpu := func() float64 {
		var u unix.Rusage
		if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e6
	}
	begin := cpu()
	for b.Loop() {
		if _, err := Look(target); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric((cpu()-begin)/float64(b.N), "cpu-ms/op")
}
