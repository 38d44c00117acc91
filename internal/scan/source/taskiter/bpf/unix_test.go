//go:build linux

package bpf

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

func TestUnixPair(t *testing.T) {
	p := open(t, Options{})
	for _, typ := range []int{unix.SOCK_STREAM, unix.SOCK_DGRAM, unix.SOCK_SEQPACKET} {
		fds, err := unix.Socketpair(unix.AF_UNIX, typ|unix.SOCK_CLOEXEC, 0)
		must(t, err)
		defer unix.Close(fds[0])
		s := find(t, p, fds[0])
		if s.State != socket.Established || s.UnixInfo == nil || s.UnixInfo.Path != "" ||
			s.UnixInfo.PeerInode != inode(t, fds[1]) || s.UnixInfo.PeerGone || s.RecvQ != 0 || s.SendQ != 0 {
			t.Errorf("type %d: %+v %+v", typ, s.Socket, s.UnixInfo)
		}
		_, err = unix.Write(fds[1], []byte("hello"))
		must(t, err)
		if s := find(t, p, fds[0]); s.Has(socket.HasQueues) && s.RecvQ != 5 {
			t.Errorf("type %d: receive queue %d, want 5", typ, s.RecvQ)
		}
		if s := find(t, p, fds[1]); s.SendQ == 0 {
			t.Errorf("type %d: nothing in the send queue", typ)
		}
		must(t, unix.Close(fds[1]))
		if s := find(t, p, fds[0]); !s.UnixInfo.PeerGone || s.UnixInfo.PeerInode != 0 {
			t.Errorf("type %d, peer closed: %+v", typ, s.UnixInfo)
		}
	}
}

func TestUnixNames(t *testing.T) {
	p := open(t, Options{})
	dir := t.TempDir()
	long := strings.Repeat("n", unixPathMax-2)
	t.Chdir(dir)
	for _, tc := range []struct{ bind, want string }{
		{filepath.Join(dir, "s"), filepath.Join(dir, "s")},
		{strings.Repeat("p", unixPathMax-1), strings.Repeat("p", unixPathMax-1)},
		{"@sockleak-" + filepath.Base(dir), "@sockleak-" + filepath.Base(dir)},
		{"@a\x00b\xff\n", "@a\x00b\xff\n"},
		{"@" + long, "@" + long}, // abstract names have no NUL at the end
	} {
		fd := own(t, unix.AF_UNIX, unix.SOCK_STREAM, 0)
		must(t, unix.Bind(fd, &unix.SockaddrUnix{Name: tc.bind}))
		for range 2 { // the second time from the cache
			if s := find(t, p, fd); s.UnixInfo.Path != tc.want || s.State != socket.Close || s.Presence != socket.InTable {
				t.Errorf("path %q, want %q: %+v", s.UnixInfo.Path, tc.want, s.Socket)
			}
		}
	}
}

func TestUnixListener(t *testing.T) {
	p := open(t, Options{})
	l := own(t, unix.AF_UNIX, unix.SOCK_STREAM, 0)
	name := &unix.SockaddrUnix{Name: filepath.Join(t.TempDir(), "l")}
	must(t, unix.Bind(l, name))
	must(t, unix.Listen(l, 7))
	client := own(t, unix.AF_UNIX, unix.SOCK_STREAM, 0)
	must(t, unix.Connect(client, name))
	if s := find(t, p, l); s.State != socket.Listen || s.RecvQ != 1 || s.SendQ != 7 {
		t.Errorf("listener: %+v", s.Socket)
	}
	s := find(t, p, client) // its peer exists, and has no file yet
	if s.UnixInfo.PeerGone || s.UnixInfo.PeerInode != 0 || s.State != socket.Established {
		t.Errorf("waiting: %+v %+v", s.Socket, s.UnixInfo)
	}
	server, _, err := unix.Accept4(l, unix.SOCK_CLOEXEC)
	must(t, err)
	defer unix.Close(server)
	if s := find(t, p, client); s.UnixInfo.PeerInode != inode(t, server) {
		t.Errorf("accepted: %+v", s.UnixInfo)
	}
	if s := find(t, p, server); s.UnixInfo.Path != name.Name {
		t.Errorf("the accepted end is named %q", s.UnixInfo.Path)
	}
}
