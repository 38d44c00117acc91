//go:build linux

package bpf

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// open loads the program, or skips where that is not permitted.
func open(t testing.TB, opts Options) *Program {
	t.Helper()
	p, err := Open(opts)
	if errors.Is(err, ErrNotPermitted) && os.Geteuid() != 0 || errors.Is(err, ErrNoBTF) || errors.Is(err, ErrUnsupported) {
		t.Skipf("needs CAP_BPF, CAP_PERFMON, Linux 5.12 and %s: %v", btfPath, err)
	}
	var rejected *RejectedError
	if errors.As(err, &rejected) {
		t.Log(rejected.Log)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// seen is a copy of what Walk yielded.
type seen struct {
	socket.Socket
	pid int
	fd  int
	d   Descriptor
}

// look walks over the sockets of a process and copies them.
func look(t testing.TB, p *Program, tgid int) []seen {
	t.Helper()
	var list []seen
	err := p.Walker().Walk(context.Background(), tgid, func(d Descriptor, s *socket.Socket) error {
		c := seen{*s, d.TGID, int(d.FD), d}
		c.Epolls = slices.Clone(s.Epolls)
		if s.UnixInfo != nil {
			info := *s.UnixInfo
			c.UnixInfo = &info
		}
		list = append(list, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// find returns the socket behind one of this process's descriptors.
func find(t testing.TB, p *Program, fd int) seen {
	t.Helper()
	var found []seen
	for _, s := range look(t, p, os.Getpid()) {
		if s.fd == fd && s.Listener == 0 {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		t.Fatalf("descriptor %d was seen %d times", fd, len(found))
	}
	if found[0].pid != os.Getpid() {
		t.Errorf("pid %d, want %d", found[0].pid, os.Getpid())
	}
	return found[0]
}

// await looks at a descriptor until ok, for what takes the kernel a moment.
func await(t testing.TB, p *Program, fd int, what string, ok func(seen) bool) seen {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		s := find(t, p, fd)
		if ok(s) {
			return s
		}
		if time.Now().After(deadline) {
			t.Fatalf("descriptor %d: no %s: %+v", fd, what, s.Socket)
		}
	}
}

// own makes a socket without the Go runtime's poller, so that nothing watches
// it, and closes it when the test ends.
func own(t testing.TB, family, typ, protocol int) int {
	t.Helper()
	fd, err := unix.Socket(family, typ|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

var loopback = &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}

// listen returns a TCP listener on the loopback interface and its address.
func listen(t testing.TB, protocol, backlog int) (int, *unix.SockaddrInet4) {
	t.Helper()
	fd := own(t, unix.AF_INET, unix.SOCK_STREAM, protocol)
	must(t, unix.Bind(fd, loopback))
	must(t, unix.Listen(fd, backlog))
	name, err := unix.Getsockname(fd)
	must(t, err)
	return fd, name.(*unix.SockaddrInet4)
}

// pair returns the two ends of a TCP connection.
func pair(t testing.TB) (client, server int) {
	t.Helper()
	l, addr := listen(t, unix.IPPROTO_TCP, 8)
	client = own(t, unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_TCP)
	must(t, unix.Connect(client, addr))
	server, _, err := unix.Accept4(l, unix.SOCK_CLOEXEC)
	must(t, err)
	t.Cleanup(func() { unix.Close(server) })
	return client, server
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// release closes fd now; the clean-up's second close must not hit another
// descriptor, so the number is kept in use.
func release(t testing.TB, fd int) {
	t.Helper()
	null, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	must(t, err)
	defer unix.Close(null)
	must(t, unix.Dup3(null, fd, unix.O_CLOEXEC))
}

func state(want socket.State) func(seen) bool {
	return func(s seen) bool { return s.State == want }
}

// netns returns the inode of this thread's network namespace.
func netns(t testing.TB) uint64 {
	t.Helper()
	var st unix.Stat_t
	must(t, unix.Stat("/proc/thread-self/ns/net", &st))
	return st.Ino
}

// inode returns the inode of a descriptor of this process.
func inode(t testing.TB, fd int) uint64 {
	t.Helper()
	var st unix.Stat_t
	must(t, unix.Fstat(fd, &st))
	return st.Ino
}
