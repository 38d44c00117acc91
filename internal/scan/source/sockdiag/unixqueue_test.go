//go:build linux

package sockdiag

import (
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// The queue is in the order in which its clients connected, without those that
// were accepted, and with 0 for one that has closed.
func TestUnixQueues(t *testing.T) {
	c := ownNet(t)
	path := filepath.Join(t.TempDir(), "queue")
	l, idle := unixListener(t, path), unixListener(t, path+"-idle")
	defer unix.Close(l)
	defer unix.Close(idle)
	var fds []int
	for range 4 {
		fd := newSocket(t, unix.AF_UNIX, unix.SOCK_STREAM, 0)
		check(t, "connect", unix.Connect(fd, &unix.SockaddrUnix{Name: path}))
		fds = append(fds, fd)
	}
	taken, _, err := unix.Accept(l)
	check(t, "accept", err)
	defer unix.Close(taken)
	unix.Close(fds[2])
	want := []uint64{inodeOf(t, fds[1]), 0, inodeOf(t, fds[3])}
	found := map[uint64][]uint64{}
	err = c.UnixQueues(t.Context(), func(listener uint64, clients []uint64) error {
		found[listener] = slices.Clone(clients)
		return nil
	})
	check(t, "dump", err)
	if got := found[inodeOf(t, l)]; !slices.Equal(got, want) {
		t.Errorf("clients %v, want %v", got, want)
	}
	if got, ok := found[inodeOf(t, idle)]; ok {
		t.Errorf("nobody waits, and %v are told", got)
	}
	for _, fd := range []int{fds[0], fds[1], fds[3]} {
		unix.Close(fd)
	}
}
