//go:build linux

package sockdiag

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// unixPair returns two connected UNIX sockets.
func unixPair(t *testing.T, kind int) (a, b int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, kind|unix.SOCK_CLOEXEC, 0)
	check(t, "socketpair", err)
	t.Cleanup(func() { unix.Close(fds[0]) })
	return fds[0], fds[1]
}

// unixListener listens at a path, or at an abstract name that starts with @.
func unixListener(t *testing.T, name string) int {
	t.Helper()
	fd := newSocket(t, unix.AF_UNIX, unix.SOCK_STREAM, 0)
	check(t, "bind", unix.Bind(fd, &unix.SockaddrUnix{Name: name}))
	check(t, "listen", unix.Listen(fd, 7))
	return fd
}

func TestUnixPeerAndQueue(t *testing.T) {
	c := ownNet(t)
	a, b := unixPair(t, unix.SOCK_STREAM)
	write(t, b, "hello")
	s := one(t, c.Unix, inodeOf(t, a))
	if s.Family != socket.Unix || s.Type != socket.Stream || s.State != socket.Established || s.Cookie != cookieOf(t, a) {
		t.Errorf("described as %+v", s)
	}
	if !s.Has(socket.HasState|socket.HasQueues) || s.RecvQ != 5 {
		t.Errorf("%d unread bytes, want 5; facts %b", s.RecvQ, s.Facts)
	}
	if s.UnixInfo.PeerInode != inodeOf(t, b) || s.UnixInfo.PeerGone {
		t.Errorf("peer %+v, want inode %d", *s.UnixInfo, inodeOf(t, b))
	}
	unix.Close(b)
	if s = one(t, c.Unix, inodeOf(t, a)); !s.UnixInfo.PeerGone || s.UnixInfo.PeerInode != 0 {
		t.Errorf("the peer has closed: %+v", *s.UnixInfo)
	}
	if s.RecvQ != 5 {
		t.Errorf("%d unread bytes after the peer closed, want 5", s.RecvQ)
	}
}

func TestUnixPeerGoneOfOtherTypes(t *testing.T) {
	c := ownNet(t)
	for kind, want := range map[int]socket.Type{unix.SOCK_DGRAM: socket.Dgram, unix.SOCK_SEQPACKET: socket.Seqpacket} {
		a, b := unixPair(t, kind)
		if s := one(t, c.Unix, inodeOf(t, a)); s.Type != want || s.UnixInfo.PeerGone || s.UnixInfo.PeerInode != inodeOf(t, b) {
			t.Errorf("%v with its peer: %v %+v", want, s.Type, *s.UnixInfo)
		}
		unix.Close(b)
		if s := one(t, c.Unix, inodeOf(t, a)); !s.UnixInfo.PeerGone {
			t.Errorf("%v without its peer: %+v", want, *s.UnixInfo)
		}
	}
}

func TestUnixHalfCloseIsNotGone(t *testing.T) {
	c := ownNet(t)
	a, b := unixPair(t, unix.SOCK_STREAM)
	defer unix.Close(b)
	check(t, "shutdown", unix.Shutdown(b, unix.SHUT_RDWR))
	if s := one(t, c.Unix, inodeOf(t, a)); s.UnixInfo.PeerGone || s.UnixInfo.PeerInode != inodeOf(t, b) {
		t.Errorf("the peer only shut down: %+v", *s.UnixInfo)
	}
}

func TestUnixListener(t *testing.T) {
	c := ownNet(t)
	for _, tc := range []struct{ bind, want string }{
		{filepath.Join(t.TempDir(), "a\x1b[31m socket"), ""},
		{"@sockdiag\x00test", "@sockdiag\x00test"},
	} {
		if tc.want == "" {
			tc.want = tc.bind
		}
		l := unixListener(t, tc.bind)
		client := newSocket(t, unix.AF_UNIX, unix.SOCK_STREAM, 0)
		check(t, "connect", unix.Connect(client, &unix.SockaddrUnix{Name: tc.bind}))
		s := one(t, c.Unix, inodeOf(t, l))
		if s.State != socket.Listen || s.UnixInfo.Path != tc.want || s.UnixInfo.PeerGone {
			t.Errorf("listener: %v %+v, want path %q", s.State, *s.UnixInfo, tc.want)
		}
		if s.RecvQ != 1 || s.SendQ != 7 {
			t.Errorf("accept queue %d of %d, want 1 of 7", s.RecvQ, s.SendQ)
		}
		// The other end is in the accept queue: it has no inode, and is not gone.
		if s := one(t, c.Unix, inodeOf(t, client)); s.UnixInfo.PeerGone || s.UnixInfo.PeerInode != 0 {
			t.Errorf("connected to a socket that waits to be accepted: %+v", *s.UnixInfo)
		}
		unix.Close(l)
		if s := one(t, c.Unix, inodeOf(t, client)); !s.UnixInfo.PeerGone {
			t.Errorf("the listener has closed: %+v", *s.UnixInfo)
		}
		unix.Close(client)
	}
}

func TestNeverConnectedUnixSocketIsInTheTable(t *testing.T) {
	c := ownNet(t)
	fd := newSocket(t, unix.AF_UNIX, unix.SOCK_STREAM, 0)
	defer unix.Close(fd)
	if s := one(t, c.Unix, inodeOf(t, fd)); s.State != socket.Close || s.UnixInfo.Path != "" || s.UnixInfo.PeerGone {
		t.Errorf("never connected: %v %+v", s.State, *s.UnixInfo)
	}
}
