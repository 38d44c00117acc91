//go:build linux

package proc

import (
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/testkit"
)

// blocked is the answer of a child with a thread that sleeps in each of the
// calls, on the first socket of a pair; Epoll watches it.
type blocked struct {
	pair
	Epoll int32
}

// blocking are the calls that the child sleeps in, by the names that the
// kernel has for them; fd is the socket, epoll a set that watches it.
func blocking(fd, epoll int) map[string]func() {
	var buf [1]byte
	var set unix.FdSet
	set.Set(fd)
	calls := map[string]func(){
		"read":        func() { _, _ = unix.Read(fd, buf[:]) },
		"recvfrom":    func() { _, _, _ = unix.Recvfrom(fd, buf[:], 0) },
		"recvmsg":     func() { _, _, _, _, _ = unix.Recvmsg(fd, buf[:], nil, 0) },
		"ppoll":       func() { _, _ = unix.Ppoll([]unix.PollFd{{Fd: -1}, {Fd: int32(fd), Events: unix.POLLIN}}, nil, nil) },
		"pselect6":    func() { _, _ = unix.Pselect(fd+1, nil, nil, &set, nil, nil) },
		"epoll_pwait": func() { _, _ = unix.EpollWait(epoll, make([]unix.EpollEvent, 1), -1) },
	}
	maps.Copy(calls, archBlocking(fd, epoll))
	return calls
}

func block([]string) any {
	held := watchedPair()
	for _, call := range blocking(int(held.FDs[0]), int(held.Epoll)) {
		go func() {
			runtime.LockOSThread()
			call()
		}()
	}
	return held
}

// watchedPair is a pair with the first socket in an epoll set.
func watchedPair() blocked {
	held := blocked{pair: heldPair()}
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	testkit.Must(err)
	event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLET, Fd: held.FDs[0]}
	testkit.Must(unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, int(held.FDs[0]), &event))
	held.Epoll = int32(epoll)
	return held
}

func TestBlockedThreads(t *testing.T) {
	fs := live(t)
	var child blocked
	pid := testkit.Spawn(t, &child, nil, "block").PID
	for name := range blocking(int(child.FDs[0]), int(child.Epoll)) {
		want := child.FDs[0]
		if strings.HasPrefix(name, "epoll") {
			want = child.Epoll
		}
		testkit.Eventually(t, "a thread sleeps in "+name, func() bool {
			threads, err := fs.BlockedThreads(pid)
			if err != nil {
				t.Fatal(err)
			}
			return slices.ContainsFunc(threads.Blocked, func(th ThreadSyscall) bool {
				return th.Syscall == name && slices.Equal(th.FDs, []int32{want}) && th.Doubt == "" && th.TID != 0
			})
		})
	}
}

func TestEpolls(t *testing.T) {
	fs := live(t)
	var child blocked
	pid := testkit.Spawn(t, &child, nil, "epoll").PID
	found, err := fs.Epolls(pid)
	if err != nil {
		t.Fatal(err)
	}
	start, err := fs.Start(pid)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, w := range found.Watches {
		if w.EpollFD != child.Epoll {
			continue // of the Go runtime
		}
		count++
		if w.FD != child.FDs[0] || w.Inode != child.Inodes[0] || !w.EdgeTriggered() ||
			w.Events&unix.EPOLLIN == 0 || w.Process.PID != pid || w.Process.Start != start {
			t.Errorf("registration %+v; want descriptor %d, inode %d", w, child.FDs[0], child.Inodes[0])
		}
	}
	if count != 1 || found.IOURing {
		t.Errorf("%d registrations, io_uring %v; want 1, false", count, found.IOURing)
	}
}

// An io_uring hides what a program waits for, so it has to be told.
func TestIOURing(t *testing.T) {
	fs := live(t)
	var params [120]byte // struct io_uring_params of include/uapi/linux/io_uring.h
	ring, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, uintptr(unsafe.Pointer(&params)), 0)
	if errno == unix.EPERM || errno == unix.ENOSYS {
		t.Skip("needs io_uring: sysctl kernel.io_uring_disabled=0 and a kernel that has it")
	}
	if errno != 0 {
		t.Fatal(errno)
	}
	defer unix.Close(int(ring))
	found, err := fs.Epolls(os.Getpid())
	if err != nil || !found.IOURing {
		t.Errorf("io_uring %v, %v; want true", found.IOURing, err)
	}
}
