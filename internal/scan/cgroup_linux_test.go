package scan

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

// ownCgroup makes a cgroup v2 for a child, which ends before it is removed.
func ownCgroup(t *testing.T) *syscall.SysProcAttr {
	t.Helper()
	testkit.NeedRoot(t, "make namespaces and become another user")
	var super unix.Statfs_t
	for _, mount := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"} {
		if unix.Statfs(mount, &super) != nil || super.Type != unix.CGROUP2_SUPER_MAGIC {
			continue
		}
		dir := filepath.Join(mount, "sockleak-scan-test-"+strconv.Itoa(os.Getpid()))
		testkit.Must(os.Mkdir(dir, 0o755))
		t.Cleanup(func() {
			if err := os.Remove(dir); err != nil {
				t.Error(err)
			}
		})
		f, err := os.Open(dir)
		testkit.Must(err)
		t.Cleanup(func() { f.Close() })
		return &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(f.Fd())}
	}
	t.Skip("needs a mounted cgroup v2")
	return nil
}

// guests are the descriptors of a child in a cgroup of its own.
type guests struct {
	FDs  []int
	Port int
}

// guest holds a listener and both ends of connections, and when it was passed
// something also descriptor 3. In a network namespace of its own it brings
// loopback up.
func guest(args []string) any {
	h := &habitat{}
	if slices.Contains(args, "up") {
		loopbackUp()
	}
	l := h.listen(0, false)
	for range 10 {
		h.connect(l, 0, true)
	}
	if slices.Contains(args, "passed") {
		h.keep(3)
	}
	return guests{h.fds, mustName(l).(*unix.SockaddrInet4).Port}
}

// TestCgroupDump: the dump of the targets' cgroup is enough where they made
// all their sockets themselves. What waits in an accept queue is in the cgroup
// of the listener, whoever has connected.
func TestCgroupDump(t *testing.T) {
	attr := ownCgroup(t)
	var g guests
	child := testkit.Spawn(t, &g, attr, "guest")
	for range 3 {
		fd := open(unix.AF_INET, unix.SOCK_STREAM, 0)
		defer unix.Close(fd)
		testkit.Must(unix.Connect(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: g.Port}))
	}
	settle()
	s := sparing(t, 0)
	if how := agree(t, "the first look", s, child.PID, g.FDs); !strings.Contains(how, "of the targets' cgroup") {
		t.Error(how)
	}
	queued := 0
	for _, s := range lookAt(t, s, child.PID).Sockets {
		if s.Listener != 0 && s.State == socket.Established {
			queued++
		}
	}
	if queued != 3 {
		t.Errorf("%d sockets in the accept queue, want 3", queued)
	}
	child.Stop()
}

// TestCgroupIsNotEnough: a listener that was passed on, as by systemd, is in
// the cgroup of whoever made it, and so is what waits for it.
func TestCgroupIsNotEnough(t *testing.T) {
	attr := ownCgroup(t)
	h := &habitat{}
	l := h.listen(0, false)
	passed := os.NewFile(uintptr(l), "listener")
	defer passed.Close()
	client, _ := h.connect(l, 0, false)
	defer unix.Close(client)
	var g guests
	child := testkit.SpawnWith(t, &g, attr, []*os.File{passed}, "guest", "passed")
	settle()
	s := sparing(t, 0)
	for _, when := range []string{"the first look", "the next", "the third"} {
		if how := agree(t, when, s, child.PID, g.FDs); strings.Contains(how, "cgroup") {
			t.Errorf("%s: %s", when, how)
		}
	}
	child.Stop()
}
