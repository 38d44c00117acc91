//go:build linux

package proc

import (
	"os"
	"slices"
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

// localAddrs returns the local addresses in the TCP tables of a process.
func localAddrs(fs FS, pid int) []string {
	var addrs []string
	err := fs.NetTCP(pid, func(s *socket.Socket) error {
		addrs = append(addrs, s.Local.String())
		return nil
	})
	testkit.Must(err)
	return addrs
}

// A thread leader that ended before its threads empties /proc/PID/fd.
func TestThreadLeaderHasEnded(t *testing.T) {
	fs := live(t)
	var child leaderless
	pid := testkit.Spawn(t, &child, nil, "dead-leader").PID
	testkit.Eventually(t, "the thread leader is a zombie", func() bool {
		stat, err := fs.Stat(pid)
		if err != nil {
			t.Fatal(err)
		}
		return stat.State == 'Z' && stat.Zombie()
	})
	if stat, err := fs.Stat(pid); err != nil || stat.Ended() {
		t.Fatalf("stat %+v, %v; want a process that has not ended", stat, err)
	}
	// What a zombie has under /proc belongs to root.
	if names, err := os.ReadDir(fs.path(pid, "fd")); err != nil && os.Geteuid() == 0 || len(names) != 0 {
		t.Fatalf("/proc/PID/fd has %d entries, %v; the test is about an empty one", len(names), err)
	}
	got := sockets(t, fs, pid)
	for i, fd := range child.FDs {
		if got[fd] != child.Inodes[i] {
			t.Errorf("descriptor %d is socket %d; want %d", fd, got[fd], child.Inodes[i])
		}
		if _, err := fs.FDFlags(pid, fd, child.Inodes[i]); err != nil {
			t.Errorf("flags of descriptor %d: %v", fd, err)
		}
		if name, err := fs.SockProtoName(pid, fd, child.Inodes[i]); err != nil || name != "UNIX-STREAM" {
			t.Errorf("protocol of descriptor %d: %q, %v", fd, name, err)
		}
	}
	if !slices.Contains(localAddrs(fs, pid), child.Addr) {
		t.Error("its TCP table is not read")
	}
	if stat, err := fs.SockStat(pid); err != nil || stat.InUse == 0 {
		t.Errorf("sockstat %+v, %v; want the listener counted", stat, err)
	}
	if path, err := fs.NetNSPath(pid); err != nil || path == fs.path(pid, "ns/net") {
		t.Errorf("network namespace by %s, %v; want a living thread's", path, err)
	}
	if _, err := fs.BlockedThreads(pid); err != nil {
		t.Errorf("threads: %v; want those that live", err)
	}
	p, err := fs.Process(pid)
	if err != nil {
		t.Fatal(err)
	}
	if p.NetNS == 0 || p.Exe == "" || len(p.Args) == 0 || p.FDs <= 0 {
		t.Errorf("described as %+v", p)
	}
}

func TestEndedAndKernelThread(t *testing.T) {
	fs := live(t)
	var child pair
	pid := testkit.Spawn(t, &child, nil, "hold").PID
	if stat, err := fs.Stat(pid); err != nil || stat.Zombie() || stat.KernelThread() {
		t.Fatalf("living child: %+v, %v", stat, err)
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil { // our own child, reaped in cleanup
		t.Fatal(err)
	}
	testkit.Eventually(t, "the child has ended", func() bool {
		stat, err := fs.Stat(pid)
		if err != nil {
			t.Fatal(err)
		}
		return stat.State == 'Z' && stat.Ended()
	})
	if got := sockets(t, fs, pid); len(got) != 0 {
		t.Errorf("a zombie holds %v", got)
	}
	if stat, err := fs.Stat(2); err == nil && stat.Comm == "kthreadd" && !stat.KernelThread() {
		t.Errorf("kthreadd is no kernel thread: %+v", stat)
	}
}
