//go:build linux

package sockdiag

import (
	"context"
	"encoding/binary"
	"net/netip"
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// privateNet moves the test's goroutine, and the thread below it, into a
// network namespace of its own with loopback up, and returns a Conn there. The
// thread ends with the test. Subtests run in other goroutines and are not in
// the namespace.
func privateNet(t testing.TB) *Conn {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root (CAP_SYS_ADMIN) to make a network namespace")
	}
	runtime.LockOSThread() // and never unlock
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Fatalf("make a network namespace: %v", err)
	}
	loopbackUp(t)
	c, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// ownNet is privateNet for root, and for others a Conn in the namespace that
// they are in: for tests that look for their own sockets only.
func ownNet(t testing.TB) *Conn {
	t.Helper()
	if os.Geteuid() == 0 {
		return privateNet(t)
	}
	c, err := Open()
	check(t, "open", err)
	t.Cleanup(func() { c.Close() })
	return c
}

func loopbackUp(t testing.TB) {
	t.Helper()
	fd := newSocket(t, unix.AF_INET, unix.SOCK_DGRAM, 0)
	ifr, err := unix.NewIfreq("lo")
	if err != nil {
		t.Fatal(err)
	}
	ifr.SetUint16(unix.IFF_UP)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, ifr); err != nil {
		t.Fatalf("bring loopback up: %v", err)
	}
	unix.Close(fd)
}

// newSocket returns a descriptor that the test may close itself.
func newSocket(t testing.TB, family, kind, protocol int) int {
	t.Helper()
	fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		t.Fatalf("socket(%d, %d, %d): %v", family, kind, protocol, err)
	}
	return fd
}

var loopback = &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}

// listenTCP returns a listener on 127.0.0.1 with a port of the kernel's choice.
func listenTCP(t testing.TB, protocol, backlog int) int {
	t.Helper()
	fd := newSocket(t, unix.AF_INET, unix.SOCK_STREAM, protocol)
	check(t, "bind", unix.Bind(fd, loopback))
	check(t, "listen", unix.Listen(fd, backlog))
	return fd
}

// connectTo returns a socket that is connected to the listener.
func connectTo(t testing.TB, listener, protocol int) int {
	t.Helper()
	fd := newSocket(t, unix.AF_INET, unix.SOCK_STREAM, protocol)
	sa, err := unix.Getsockname(listener)
	check(t, "getsockname", err)
	check(t, "connect", unix.Connect(fd, sa))
	return fd
}

// pair returns the two ends of a TCP connection over loopback.
func pair(t testing.TB, protocol int) (client, server int) {
	t.Helper()
	l := listenTCP(t, protocol, 16)
	client = connectTo(t, l, protocol)
	server, _, err := unix.Accept4(l, unix.SOCK_CLOEXEC)
	check(t, "accept", err)
	unix.Close(l)
	return client, server
}

func check(t testing.TB, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func write(t testing.TB, fd int, text string) {
	t.Helper()
	n, err := unix.Write(fd, []byte(text))
	if err != nil || n != len(text) {
		t.Fatalf("write: %d, %v", n, err)
	}
}

// inodeOf is the inode that a descriptor's socket has.
func inodeOf(t testing.TB, fd int) uint64 {
	t.Helper()
	var st unix.Stat_t
	check(t, "fstat", unix.Fstat(fd, &st))
	return st.Ino
}

// cookieOf is the cookie that a descriptor's socket has.
func cookieOf(t testing.TB, fd int) uint64 {
	t.Helper()
	n, err := unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_COOKIE)
	check(t, "SO_COOKIE", err)
	return n
}

// local is the local address of a descriptor's socket.
func local(t testing.TB, fd int) netip.AddrPort {
	t.Helper()
	sa, err := unix.Getsockname(fd)
	check(t, "getsockname", err)
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(sa.Addr).Unmap(), uint16(sa.Port))
	}
	t.Fatalf("getsockname: %T", sa)
	return netip.AddrPort{}
}

// dumper is one of Conn's dumps.
type dumper func(context.Context, func(*socket.Socket) error) error

// collect returns copies of all that a dump yields.
func collect(t testing.TB, dump dumper) []socket.Socket {
	t.Helper()
	var list []socket.Socket
	err := dump(t.Context(), func(s *socket.Socket) error {
		list = append(list, clone(s))
		return nil
	})
	check(t, "dump", err)
	return list
}

func clone(s *socket.Socket) socket.Socket {
	c := *s
	if s.UnixInfo != nil {
		info := *s.UnixInfo
		c.UnixInfo = &info
	}
	return c
}

// tcp is the dump of all TCP sockets.
func (c *Conn) tcp(ctx context.Context, yield func(*socket.Socket) error) error {
	return c.TCP(ctx, Filter{}, yield)
}

// await dumps until one socket matches.
func await(t testing.TB, dump dumper, what string, match func(*socket.Socket) bool) socket.Socket {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		list := collect(t, dump)
		for i := range list {
			if match(&list[i]) {
				return list[i]
			}
		}
		if time.Now().After(deadline) {
			for _, s := range list {
				t.Logf("%v %v inode %d %v -> %v q %d %d timer %+v", s.Proto(), s.State, s.Inode, s.Local, s.Remote, s.RecvQ, s.SendQ, s.Timer)
			}
			t.Fatalf("no socket is %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// awaitState waits for the socket with the inode to be in the state.
func awaitState(t testing.TB, dump dumper, inode uint64, state socket.State) socket.Socket {
	t.Helper()
	return await(t, dump, state.String(), func(s *socket.Socket) bool { return s.Inode == inode && s.State == state })
}

// one returns the only socket with the inode.
func one(t testing.TB, dump dumper, inode uint64) socket.Socket {
	t.Helper()
	var found []socket.Socket
	for _, s := range collect(t, dump) {
		if s.Inode == inode {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d sockets with inode %d", len(found), inode)
	}
	return found[0]
}

// row builds the message of a row as the kernel would.
func row(kind uint16, seq, port uint32, body []byte) []byte {
	b := newRequest(kind, 0, 0)
	binary.NativeEndian.PutUint16(b[6:], unix.NLM_F_MULTI)
	binary.NativeEndian.PutUint32(b[8:], seq)
	binary.NativeEndian.PutUint32(b[12:], port)
	b = seal(append(b, body...))
	return append(b, make([]byte, align(len(b))-len(b))...)
}

// filtered is the dump of the TCP sockets that a filter lets through.
func filtered(c *Conn, f Filter) dumper {
	return func(ctx context.Context, yield func(*socket.Socket) error) error { return c.TCP(ctx, f, yield) }
}
