//go:build linux

package sockdiag

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// absent fails the test when any TCP table has the descriptor's socket.
func absent(t *testing.T, c *Conn, fd int, what string) {
	t.Helper()
	for name, dump := range map[string]dumper{"tcp": c.tcp, "bound": c.BoundInactive} {
		for _, s := range collect(t, dump) {
			if s.Inode == inodeOf(t, fd) {
				t.Errorf("%s: in the table %s as %v", what, name, s.State)
			}
		}
	}
}

// needBoundInactive skips where the kernel cannot show bound sockets.
func needBoundInactive(t *testing.T) {
	t.Helper()
	if !kernelAtLeast(6, 8) {
		t.Skip("needs Linux 6.8 (TCPF_BOUND_INACTIVE)")
	}
}

func TestNeverBoundIsInNoTable(t *testing.T) {
	c := ownNet(t)
	needBoundInactive(t)
	fd := newSocket(t, unix.AF_INET, unix.SOCK_STREAM, 0)
	defer unix.Close(fd)
	absent(t, c, fd, "never bound or connected")
}

func TestBoundInactive(t *testing.T) {
	c := ownNet(t)
	needBoundInactive(t)
	fd := newSocket(t, unix.AF_INET, unix.SOCK_STREAM, 0)
	defer unix.Close(fd)
	check(t, "bind", unix.Bind(fd, loopback))
	s := one(t, c.BoundInactive, inodeOf(t, fd))
	if s.Presence != socket.Bound || s.State != socket.BoundInactive || s.Local != local(t, fd) || s.Remote.IsValid() || s.Cookie != cookieOf(t, fd) {
		t.Errorf("described as %+v", s)
	}
	for _, s := range collect(t, c.tcp) {
		if s.Inode == inodeOf(t, fd) {
			t.Errorf("without asking for it: %v", s.State)
		}
	}
}

func TestRefusedIsInNoTable(t *testing.T) {
	c := ownNet(t)
	needBoundInactive(t)
	fd := newSocket(t, unix.AF_INET, unix.SOCK_STREAM, 0)
	defer unix.Close(fd)
	if err := unix.Connect(fd, &unix.SockaddrInet4{Addr: loopback.Addr, Port: 1}); err != unix.ECONNREFUSED {
		t.Fatalf("connect: %v", err)
	}
	absent(t, c, fd, "refused")
}

func TestResetIsInNoTable(t *testing.T) {
	c := ownNet(t)
	needBoundInactive(t)
	client, server := pair(t, 0)
	defer unix.Close(server)
	check(t, "SO_LINGER", unix.SetsockoptLinger(client, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}))
	unix.Close(client) // with a linger time of 0: by RST
	pfd := []unix.PollFd{{Fd: int32(server), Events: unix.POLLIN}}
	if n, err := unix.Poll(pfd, 10_000); n != 1 || err != nil {
		t.Fatalf("wait for the reset: %d, %v", n, err)
	}
	absent(t, c, server, "closed by a reset")
}
