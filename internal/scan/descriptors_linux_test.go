package scan

import (
	"os"
	"os/exec"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/scan/procfs"
	"github.com/sockleak/sockleak/internal/socket"
)

// TestTablesInOrder: however many threads read them, the tables come in the
// order of the processes, each once, and one that is gone is an error of its
// own place.
func TestTablesInOrder(t *testing.T) {
	proc, err := procfs.New(procRoot)
	if err != nil {
		t.Fatal(err)
	}
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	var list []socket.Process
	for i := range 200 {
		pid := os.Getpid()
		if i%7 == 3 {
			pid = gone.Process.Pid
		}
		list = append(list, socket.Process{ID: socket.ProcessID{PID: pid}})
	}
	var want, got []int
	eachTable(proc, list, func(i int, tab *table) {
		got, want = append(got, i), append(want, len(want))
		if pid := list[i].ID.PID; isGone(tab.err) != (pid != os.Getpid()) || tab.err == nil && tab.total == 0 {
			t.Errorf("table %d, of pid %d: %d descriptors, error %v", i, pid, tab.total, tab.err)
		}
	})
	if !slices.Equal(got, want) || len(got) != len(list) {
		t.Errorf("%d tables came, in the order %v", len(got), got)
	}
}

// TestEpollsOfTheLook: what the look has found out by the way is what a walk
// over the descriptors finds.
func TestEpollsOfTheLook(t *testing.T) {
	set, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	must(err)
	defer unix.Close(set)
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	must(err)
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	must(unix.EpollCtl(set, unix.EPOLL_CTL_ADD, pair[0], &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(pair[0])}))
	for _, source := range []string{"sockdiag", "procfs"} {
		s := scanner(t, source, false)
		snap := lookAt(t, s, os.Getpid())
		id := snap.Processes[0].ID
		if _, ok := s.sys.waiting[id]; !ok {
			t.Errorf("%s has not noted the epoll sets", source)
		}
		got, err := s.sys.epolls(id)
		must(err)
		want, err := s.sys.proc.Epolls(id.PID)
		must(err)
		inode, _ := ids(pair[0])
		ours := func(w socket.EpollWatch) bool { return w.EpollFD == int32(set) && w.Inode == inode }
		if !slices.ContainsFunc(got.Watches, ours) || len(got.Watches) != len(want.Watches) || got.IOURing != want.IOURing {
			t.Errorf("%s: %+v; want %+v", source, got, want)
		}
	}
}
