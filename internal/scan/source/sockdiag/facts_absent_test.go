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

// TestBoundThenReset: a socket bound to a port of the program's choice keeps
// it after a reset, and so shows up among the bound ones.
func TestBoundThenReset(t *testing.T) {
	c := privateNet(t)
	needBoundInactive(t)
	l := listenTCP(t, 0, 1)
	defer unix.Close(l)
	fd := newSocket(t, unix.AF_INET, unix.SOCK_STREAM, 0)
	defer unix.Close(fd)
	check(t, "bind", unix.Bind(fd, &unix.SockaddrInet4{Addr: loopback.Addr, Port: 5001}))
	there, err := unix.Getsockname(l)
	check(t, "getsockname", err)
	check(t, "connect", unix.Connect(fd, there))
	server, _, err := unix.Accept(l)
	check(t, "accept", err)
	reset(t, server, fd)
	s := one(t, c.BoundInactive, inodeOf(t, fd))
	if s.State != socket.Close || s.Presence != socket.NotInTable || s.Local.Port() != 5001 || s.Remote != local(t, l) {
		t.Errorf("reset: described as %+v", s)
	}
	if _, err := unix.Read(fd, make([]byte, 1)); err != unix.ECONNRESET {
		t.Errorf("read: %v", err)
	}

	refused := newSocket(t, unix.AF_INET, unix.SOCK_STREAM, 0)
	defer unix.Close(refused)
	check(t, "bind", unix.Bind(refused, &unix.SockaddrInet4{Addr: loopback.Addr, Port: 5002}))
	if err := unix.Connect(refused, &unix.SockaddrInet4{Addr: loopback.Addr, Port: 1}); err != unix.ECONNREFUSED {
		t.Fatalf("connect: %v", err)
	}
	if s := one(t, c.BoundInactive, inodeOf(t, refused)); s.Presence != socket.Bound || s.Local.Port() != 5002 || s.Remote.IsValid() {
		t.Errorf("refused: described as %+v", s)
	}
}

// reset closes fd by RST and waits for the peer to receive it.
func reset(t *testing.T, fd, peer int) {
	t.Helper()
	check(t, "SO_LINGER", unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}))
	unix.Close(fd) // with a linger time of 0
	poll := []unix.PollFd{{Fd: int32(peer), Events: unix.POLLIN}}
	if n, err := unix.Poll(poll, 10_000); n != 1 || err != nil {
		t.Fatalf("wait for the reset: %d, %v", n, err)
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
	reset(t, client, server)
	absent(t, c, server, "closed by a reset")
}
