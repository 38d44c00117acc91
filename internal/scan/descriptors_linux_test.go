package scan

import (
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

// TestEpollsOfTheLook: what the look has found out by the way is what a walk
// over the descriptors finds.
func TestEpollsOfTheLook(t *testing.T) {
	set, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	testkit.Must(err)
	defer unix.Close(set)
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	testkit.Must(err)
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	testkit.Must(unix.EpollCtl(set, unix.EPOLL_CTL_ADD, pair[0], &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(pair[0])}))
	for _, source := range []string{"sockdiag", "procfs"} {
		s := scanner(t, source, false)
		snap := lookAt(t, s, os.Getpid())
		id := snap.Processes[0].ID
		waits, ok := s.waits[id]
		if !ok {
			t.Errorf("%s has not noted the epoll sets", source)
		}
		got, err := s.machine.fs.EpollSets(id, waits.Epolls)
		testkit.Must(err)
		want, err := s.machine.fs.Epolls(id.PID)
		testkit.Must(err)
		inode, _ := ids(pair[0])
		ours := func(w socket.EpollWatch) bool { return w.EpollFD == int32(set) && w.Inode == inode }
		if !slices.ContainsFunc(got.Watches, ours) || len(got.Watches) != len(want.Watches) || waits.IOURing != want.IOURing {
			t.Errorf("%s: %+v; want %+v", source, got, want)
		}
	}
}
