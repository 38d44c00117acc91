package scan

import (
	"errors"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/scan/source/taskiter/bpf"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

// children are the processes that the tests look at, by name.
func children() testkit.Children {
	return testkit.Children{
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
		"crowd":    crowd,
		"ends":     ends,
		"far":      far,
		"rings":    keepByRing,
	}
}

func TestMain(m *testing.M) { testkit.Main(m, children()) }

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

// ids are the inode and the cookie of a descriptor's socket.
func ids(fd int) (inode, cookie uint64) {
	var st unix.Stat_t
	testkit.Must(unix.Fstat(fd, &st))
	cookie, err := unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_COOKIE)
	testkit.Must(err)
	return st.Ino, cookie
}

// now is CLOCK_MONOTONIC, which processes share.
func now() int64 {
	var ts unix.Timespec
	testkit.Must(unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts))
	return ts.Nano()
}
