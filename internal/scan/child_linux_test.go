package scan

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/scan/bpf"
	"github.com/sockleak/sockleak/internal/socket"
)

// The test binary is also the processes that the tests look at: with
// childVariable set it runs one of the children below in place of the tests.
const childVariable = "SCAN_TEST_CHILD"

// children are the programs, by name. Each prints its answer as JSON when it
// is ready, and ends when its standard input does.
func children() map[string]func(args []string) any {
	return map[string]func([]string) any{
		"zoo":    func([]string) any { return openZoo() },
		"churn":  churn,
		"strays": strays,
		"share":  share,
		"alone":  alone,
		"guest":  guest,
		"keep":   keep,
		"count":  count,
		"cramp":  cramp,
		"look":   look,
		"sight":  sight,

		"beheaded": beheaded,
		"ends":     ends,
		"far":      far,
		"rings":    keepByRing,
	}
}

func TestMain(m *testing.M) {
	name := os.Getenv(childVariable)
	if name == "" {
		os.Exit(m.Run())
	}
	runtime.LockOSThread() // some end the thread leader
	answer := children()[name](os.Args[1:])
	must(json.NewEncoder(os.Stdout).Encode(answer))
	if a, ok := answer.(leaderless); ok {
		a.end()
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	if a, ok := answer.(interface{ end() }); ok {
		a.end()
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// process is a child that runs.
type process struct {
	pid  int
	stop func() // lets it end, and waits for it
}

// spawn starts a child and decodes its answer. It ends with the test.
func spawn(t *testing.T, answer any, attr *syscall.SysProcAttr, name string, args ...string) process {
	t.Helper()
	return spawnWith(t, answer, attr, nil, name, args...)
}

// spawnWith is spawn with open files that the child has from descriptor 3 on.
func spawnWith(t *testing.T, answer any, attr *syscall.SysProcAttr, files []*os.File, name string, args ...string) process {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.ExtraFiles = files
	cmd.Env = append(os.Environ(), childVariable+"="+name)
	cmd.SysProcAttr = attr
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop := func() {
		if !stopped {
			stopped = true
			stdin.Close()
			_ = cmd.Wait()
		}
	}
	t.Cleanup(stop)
	if err := json.NewDecoder(stdout).Decode(answer); err != nil {
		t.Fatalf("child %s: %v", name, err)
	}
	return process{cmd.Process.Pid, stop}
}

// scanner returns a scanner with one source; it skips where the kernel or the
// user's rights do not have it.
func scanner(t *testing.T, source string, duplicate bool) *Scanner {
	t.Helper()
	if source == "bpf" {
		p, err := bpf.Open(bpf.Options{})
		if errors.Is(err, bpf.ErrNotPermitted) && os.Geteuid() != 0 || errors.Is(err, bpf.ErrNoBTF) || errors.Is(err, bpf.ErrUnsupported) {
			t.Skipf("needs CAP_BPF, CAP_PERFMON and Linux 5.12 with BTF: %v", err)
		}
		if err != nil {
			t.Fatal(err)
		}
		p.Close()
	}
	s, err := New(Options{Source: source, Now: time.Now, DuplicateDescriptors: duplicate})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// lookAt takes one look at the process.
func lookAt(t *testing.T, s *Scanner, pid int) *socket.Snapshot {
	t.Helper()
	snap, err := s.Look(t.Context(), Target{PIDs: []int{pid}})
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

// byFD indexes the sockets of a snapshot by the descriptors of the process.
// A descriptor or an inode that comes twice is an error.
func byFD(t *testing.T, snap *socket.Snapshot, pid int) map[int32]*socket.Socket {
	t.Helper()
	fds, inodes := map[int32]*socket.Socket{}, map[uint64]bool{}
	for _, s := range snap.Sockets {
		if s.Inode != 0 && inodes[s.Inode] {
			t.Errorf("inode %d is reported twice", s.Inode)
		}
		inodes[s.Inode] = true
		for _, h := range s.Holders {
			if h.Process.PID != pid {
				continue
			}
			if fds[h.FD] != nil {
				t.Errorf("descriptor %d is reported twice", h.FD)
			}
			fds[h.FD] = s
		}
	}
	return fds
}

// needRoot skips a test that makes namespaces or changes its user.
func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to make a network namespace or become another user")
	}
}

// ids are the inode and the cookie of a descriptor's socket.
func ids(fd int) (inode, cookie uint64) {
	var st unix.Stat_t
	must(unix.Fstat(fd, &st))
	cookie, err := unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_COOKIE)
	must(err)
	return st.Ino, cookie
}

// now is CLOCK_MONOTONIC, which processes share.
func now() int64 {
	var ts unix.Timespec
	must(unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts))
	return ts.Nano()
}
