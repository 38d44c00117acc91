//go:build linux

package bpf

import (
	"errors"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

func stream(t *testing.T) int { return own(t, unix.AF_INET, unix.SOCK_STREAM, 0) }

// refused returns a socket whose connect was refused. A blocking connect()
// learns so itself; otherwise the result waits in the socket.
func refused(t *testing.T, blocking bool) int {
	t.Helper()
	l, addr := listen(t, unix.IPPROTO_TCP, 1)
	release(t, l)
	fd := stream(t)
	must(t, unix.SetNonblock(fd, !blocking))
	err := unix.Connect(fd, addr)
	if !errors.Is(err, unix.ECONNREFUSED) && !errors.Is(err, unix.EINPROGRESS) {
		t.Fatalf("connect to a closed port: %v", err)
	}
	return fd
}

// resetAfter returns a socket that was connected and got a RST.
func resetAfter(t *testing.T, serverSide bool) int {
	t.Helper()
	client, server := pair(t)
	fd, peer := client, server
	if serverSide {
		fd, peer = server, client
	}
	must(t, unix.SetsockoptLinger(peer, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}))
	release(t, peer)
	return fd
}

func TestPresence(t *testing.T) {
	p := open(t, Options{})
	for _, tc := range []struct {
		name string
		want socket.Presence
		make func(t *testing.T) int
	}{
		{"fresh", socket.Unattached, stream},
		{"fresh IPv6", socket.Unattached, func(t *testing.T) int { return own(t, unix.AF_INET6, unix.SOCK_STREAM, 0) }},
		{"fresh MPTCP", socket.Unattached, func(t *testing.T) int {
			return own(t, unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP)
		}},
		{"fresh UDP", socket.Unattached, func(t *testing.T) int { return own(t, unix.AF_INET, unix.SOCK_DGRAM, 0) }},
		{"bound", socket.Bound, func(t *testing.T) int {
			fd := stream(t)
			must(t, unix.Bind(fd, loopback))
			return fd
		}},
		{"bound MPTCP", socket.Bound, func(t *testing.T) int {
			fd := own(t, unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP)
			must(t, unix.Bind(fd, loopback))
			return fd
		}},
		{"bound UDP", socket.InTable, func(t *testing.T) int {
			fd := own(t, unix.AF_INET, unix.SOCK_DGRAM, 0)
			must(t, unix.Bind(fd, loopback))
			return fd
		}},
		{"listener shut down", socket.Unattached, func(t *testing.T) int {
			fd, _ := listen(t, unix.IPPROTO_TCP, 1)
			must(t, unix.Shutdown(fd, unix.SHUT_RDWR))
			return fd
		}},
		{"listener", socket.InTable, func(t *testing.T) int { fd, _ := listen(t, unix.IPPROTO_TCP, 1); return fd }},
		{"connected", socket.InTable, func(t *testing.T) int { fd, _ := pair(t); return fd }},
		{"refused", socket.ConnectFailed, func(t *testing.T) int { return refused(t, true) }},
		{"refused, result not fetched", socket.ConnectFailed, func(t *testing.T) int { return refused(t, false) }},
		{"refused, result fetched", socket.ConnectFailed, func(t *testing.T) int {
			fd := refused(t, false)
			if n, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR); err != nil || n != int(unix.ECONNREFUSED) {
				t.Fatalf("SO_ERROR %d, %v", n, err)
			}
			return fd
		}},
		{"timed out", socket.ConnectFailed, timedOut},
		{"reset, error not fetched", socket.Reset, func(t *testing.T) int { return resetAfter(t, false) }},
		{"reset, error fetched", socket.Reset, func(t *testing.T) int {
			fd := resetAfter(t, false)
			if n, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR); err != nil || n != int(unix.ECONNRESET) {
				t.Fatalf("SO_ERROR %d, %v", n, err)
			}
			return fd
		}},
		{"accepted and reset", socket.Reset, func(t *testing.T) int { return resetAfter(t, true) }},
		{"closed by both, first", socket.Finished, func(t *testing.T) int { fd, _ := finished(t); return fd }},
		{"closed by both, second", socket.Finished, func(t *testing.T) int { _, fd := finished(t); return fd }},
		{"reset in CLOSE_WAIT, error fetched", socket.Reset, func(t *testing.T) int {
			client, server := pair(t)
			must(t, unix.Shutdown(client, unix.SHUT_WR))
			await(t, p, server, "CLOSE_WAIT", state(socket.CloseWait))
			must(t, unix.SetsockoptLinger(client, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}))
			release(t, client)
			await(t, p, server, "CLOSE", state(socket.Close))
			_, err := unix.GetsockoptInt(server, unix.SOL_SOCKET, unix.SO_ERROR)
			must(t, err)
			return server
		}},
		{"disconnected", socket.Unattached, func(t *testing.T) int {
			fd, _ := pair(t)
			disconnect(t, fd)
			return fd
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if strings.HasSuffix(tc.name, "MPTCP") {
				needMPTCP(t)
			}
			fd := tc.make(t)
			s := find(t, p, fd)
			if s.Presence != tc.want {
				t.Errorf("presence %q, want %q: %+v", s.Presence, tc.want, s.Socket)
			}
			if s.Inode != inode(t, fd) {
				t.Errorf("inode %d, want %d", s.Inode, inode(t, fd))
			}
			if attempted := tc.want == socket.Reset || tc.want == socket.ConnectFailed; attempted && !s.TCP.Attempted {
				t.Error("no attempt seen")
			}
			over := tc.want == socket.Reset || tc.want == socket.Finished
			if (over || tc.want == socket.Bound) && s.Local.Port() == 0 {
				t.Error("no local port")
			}
			if s.Remote.IsValid() != (over || tc.name == "connected") {
				t.Errorf("remote address %v", s.Remote)
			}
			if tc.want == socket.ConnectFailed && (s.RecvQ != 0 || s.SendQ != 0) {
				t.Errorf("queues %d, %d of a connection that never was", s.RecvQ, s.SendQ)
			}
		})
	}
}

// finished returns the two ends of a connection that both have shut down.
func finished(t *testing.T) (first, second int) {
	t.Helper()
	first, second = pair(t)
	_, err := unix.Write(second, []byte("bye"))
	must(t, err)
	must(t, unix.Shutdown(first, unix.SHUT_WR))
	must(t, unix.Shutdown(second, unix.SHUT_WR))
	p := open(t, Options{})
	await(t, p, second, "CLOSE", state(socket.Close))
	await(t, p, first, "CLOSE", state(socket.Close))
	return first, second
}

// disconnect calls connect(2) with AF_UNSPEC.
func disconnect(t *testing.T, fd int) {
	t.Helper()
	none := unix.RawSockaddrInet4{Family: unix.AF_UNSPEC}
	_, _, errno := unix.Syscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&none)), unix.SizeofSockaddrInet4)
	if errno != 0 {
		t.Fatal(errno)
	}
}

// timedOut returns a socket whose SYN nobody answered until it gave up.
// TCP_USER_TIMEOUT (tcp(7)) makes that quick.
func timedOut(t *testing.T) int {
	addr := unanswered(t)
	fd := stream(t)
	must(t, unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_SYNCNT, 1))
	must(t, unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 1))
	if err := unix.Connect(fd, addr); !errors.Is(err, unix.ETIMEDOUT) {
		t.Fatalf("connect to a full listener: %v", err)
	}
	return fd
}

// unanswered returns the address of a listener whose accept queue is full, so
// that it drops every SYN, as one socket's already.
func unanswered(t *testing.T) *unix.SockaddrInet4 {
	t.Helper()
	_, addr := listen(t, unix.IPPROTO_TCP, 0)
	for range 2 { // a backlog of 0 still takes one
		fd := stream(t)
		must(t, unix.SetNonblock(fd, true))
		if err := unix.Connect(fd, addr); !errors.Is(err, unix.EINPROGRESS) {
			t.Fatal(err)
		}
	}
	return addr
}
