package scan

import (
	"context"
	"os"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

// watchedPair returns a socket that an epoll set has, with data, and the set.
func watchedPair(t *testing.T, data uint64) (fd, set int) {
	t.Helper()
	set, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	testkit.Must(err)
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	testkit.Must(err)
	t.Cleanup(func() {
		for _, fd := range append(pair[:], set) {
			unix.Close(fd)
		}
	})
	event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(uint32(data)), Pad: int32(uint32(data >> 32))}
	testkit.Must(unix.EpollCtl(set, unix.EPOLL_CTL_ADD, pair[0], &event))
	return pair[0], set
}

// detailed looks through a source, and returns the socket with its Watch.
func detailed(t *testing.T, source string, fd int) *socket.Socket {
	t.Helper()
	s := scanner(t, source, false)
	snap := lookAt(t, s, os.Getpid())
	inode, _ := ids(fd)
	for _, sock := range snap.Sockets {
		if sock.Inode == inode {
			testkit.Must(s.Detail(context.Background(), snap, &socket.Questions{Waiters: []*socket.Socket{sock}}))
			return sock
		}
	}
	t.Fatalf("%s: descriptor %d was not seen", source, fd)
	return nil
}

// TestEpollFactsAgree: the bpf source's own facts say what fdinfo says.
func TestEpollFactsAgree(t *testing.T) {
	const data = 0xfedcba9876543210
	fd, set := watchedPair(t, data)
	var want []socket.EpollWatch
	for _, source := range []string{"procfs", "bpf"} {
		w := detailed(t, source, fd).Watch
		if w == nil || len(w.Epolls) != 1 || w.Epolls[0].Data != data || int(w.Epolls[0].EpollFD) != set || w.Epolls[0].Process.PID != os.Getpid() {
			t.Fatalf("%s: %+v", source, w)
		}
		if want == nil {
			want = w.Epolls
		} else if w.Epolls[0] != want[0] {
			t.Errorf("%s: %+v, want %+v", source, w.Epolls[0], want[0])
		}
	}
}

// TestLargeSetIsNotRead: what could hold the program up is not done.
func TestLargeSetIsNotRead(t *testing.T) {
	fd, _ := watchedPair(t, 1)
	for range 512 {
		dup, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
		testkit.Must(err)
		defer unix.Close(dup)
	}
	for source, known := range map[string]bool{"sockdiag": false, "procfs": false, "bpf": true} {
		w := detailed(t, source, fd).Watch
		if w == nil || (len(w.Epolls) == 1) != known || w.Nobody() || known == strings.Contains(w.Doubt, "may be large") {
			t.Errorf("%s: %+v", source, w)
		}
	}
}

// TestIOURingIsNoted: through one a process may wait where nothing shows it.
func TestIOURingIsNoted(t *testing.T) {
	var params [120]byte // struct io_uring_params of include/uapi/linux/io_uring.h
	ring, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, uintptr(unsafe.Pointer(&params)), 0)
	if errno != 0 {
		t.Skipf("needs io_uring (sysctl kernel.io_uring_disabled=0, a kernel that has it): %v", errno)
	}
	defer unix.Close(int(ring))
	fd, _ := watchedPair(t, 1)
	for _, source := range []string{"procfs", "bpf"} {
		if w := detailed(t, source, fd).Watch; w == nil || !strings.Contains(w.Doubt, "io_uring") {
			t.Errorf("%s: %+v", source, w)
		}
	}
}
