//go:build linux

package proc

import (
	"io"
	"net"
	"os"
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
	"golang.org/x/sys/unix"
)

// one polls the TCP tables until the one socket with the local and remote
// address is as ok wants it, and returns it.
func one(t *testing.T, fs FS, local, remote net.Addr, what string, ok func(socket.Socket) bool) socket.Socket {
	t.Helper()
	var found socket.Socket
	testkit.Eventually(t, what, func() bool {
		for _, s := range tcpByLocal(t, fs, local) {
			if s.Remote.String() == remote.String() {
				found = s
				return ok(s)
			}
		}
		return false
	})
	return found
}

func inState(want socket.State) func(socket.Socket) bool {
	return func(s socket.Socket) bool { return s.State == want }
}

// The rx column counts the peer's FIN as one byte, which goes when the program
// reads the end of the stream.
func TestReceiveQueueInCloseWait(t *testing.T) {
	fs := live(t)
	client, server, _ := tcpPair(t, "tcp4")
	client.Close()
	local, remote := server.LocalAddr(), server.RemoteAddr()
	s := one(t, fs, local, remote, "CLOSE_WAIT", inState(socket.CloseWait))
	if s.RecvQ != 1 || s.Inode == 0 {
		t.Errorf("FIN unread: RecvQ %d, inode %d; want 1", s.RecvQ, s.Inode)
	}
	var buf [1]byte
	if _, err := server.Read(buf[:]); err != io.EOF {
		t.Fatal(err)
	}
	if s := one(t, fs, local, remote, "CLOSE_WAIT", inState(socket.CloseWait)); s.RecvQ != 0 {
		t.Errorf("EOF read: RecvQ %d; want 0", s.RecvQ)
	}
}

// A FIN that arrives behind unread data is merged with it (tcp_try_coalesce),
// and whoever reads the last byte consumes the FIN too: RecvQ is 0 before the
// program has seen the end of the stream.
func TestReceiveQueueWithDataBeforeFIN(t *testing.T) {
	fs := live(t)
	client, server, _ := tcpPair(t, "tcp4")
	if _, err := client.Write([]byte("seven..")); err != nil {
		t.Fatal(err)
	}
	client.Close()
	local, remote := server.LocalAddr(), server.RemoteAddr()
	s := one(t, fs, local, remote, "CLOSE_WAIT", inState(socket.CloseWait))
	if s.RecvQ != 8 {
		t.Errorf("7 bytes and FIN unread: RecvQ %d; want 8", s.RecvQ)
	}
	var buf [7]byte
	if n, err := server.Read(buf[:]); n != len(buf) || err != nil {
		t.Fatal(n, err)
	}
	// 1 would mean that this kernel keeps the FIN apart.
	if s := one(t, fs, local, remote, "CLOSE_WAIT", inState(socket.CloseWait)); s.RecvQ > 1 {
		t.Errorf("FIN unread: RecvQ %d; want 0 or 1", s.RecvQ)
	}
}

// FIN_WAIT2 has an inode and no timer while a program holds it, and no inode
// and the timewait timer when none does.
func TestFinWait2(t *testing.T) {
	fs := live(t)
	client, _, _ := tcpPair(t, "tcp4")
	// Go's dialer turns keepalive on, which would be the timer seen.
	if err := client.SetKeepAlive(false); err != nil {
		t.Fatal(err)
	}
	local, remote := client.LocalAddr(), client.RemoteAddr()
	if err := client.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	s := one(t, fs, local, remote, "FIN_WAIT2", inState(socket.FinWait2))
	if s.Inode == 0 || s.Timer.Kind != socket.NoTimer || !s.Has(socket.HasTimer) {
		t.Errorf("held: inode %d, timer %v", s.Inode, s.Timer)
	}
	client.Close()
	s = one(t, fs, local, remote, "no holder", func(s socket.Socket) bool { return s.Inode == 0 })
	ns, err := fs.Namespace(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if s.State != socket.FinWait2 || s.Timer.Kind != socket.TimeWaitTimer ||
		s.Timer.Expires <= 0 || s.Timer.Expires > ns.FinTimeout {
		t.Errorf("orphan: %v, timer %+v, tcp_fin_timeout %v", s.State, s.Timer, ns.FinTimeout)
	}
}

// A connection that was never accepted has no inode; the listener's receive
// queue is the number of them. The backlog is not in the table.
func TestNeverAccepted(t *testing.T) {
	fs := live(t)
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	raw, err := ln.(*net.TCPListener).File() // nobody accepts on the duplicate
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	client, err := net.Dial("tcp4", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	s := one(t, fs, client.RemoteAddr(), client.LocalAddr(), "ESTABLISHED", inState(socket.Established))
	if s.Inode != 0 {
		t.Errorf("in the accept queue with inode %d", s.Inode)
	}
	for _, s := range tcpByLocal(t, fs, ln.Addr()) {
		if s.State == socket.Listen && (s.RecvQ != 1 || s.SendQ != 0 || s.Inode == 0 || s.Remote.IsValid()) {
			t.Errorf("listener: %+v; want RecvQ 1", s)
		}
	}
}

// A full window of the peer arms the persist timer.
func TestPersistTimer(t *testing.T) {
	fs := live(t)
	client, _, _ := tcpPair(t, "tcp4")
	raw, err := client.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	err = raw.Control(func(fd uintptr) {
		block := make([]byte, 1<<16)
		for {
			if _, err := unix.SendmsgN(int(fd), block, nil, nil, unix.MSG_DONTWAIT); err != nil {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	s := one(t, fs, client.LocalAddr(), client.RemoteAddr(), "persist timer",
		func(s socket.Socket) bool { return s.Timer.Kind == socket.Persist })
	if s.SendQ == 0 {
		t.Error("nothing in the send queue")
	}
}

// The timer of a dialer's keepalive counts down from its idle time.
func TestKeepaliveTimer(t *testing.T) {
	fs := live(t)
	client, _, _ := tcpPair(t, "tcp4")
	idle := net.KeepAliveConfig{Enable: true, Idle: 90e9}
	if err := client.SetKeepAliveConfig(idle); err != nil {
		t.Fatal(err)
	}
	s := one(t, fs, client.LocalAddr(), client.RemoteAddr(), "keepalive timer",
		func(s socket.Socket) bool { return s.Timer.Kind == socket.Keepalive && s.Timer.Expires > idle.Idle/2 })
	if s.Timer.Expires > idle.Idle || s.Timer.Retries != 0 {
		t.Errorf("timer %+v; want at most %v", s.Timer, idle.Idle)
	}
}

// A socket that was never bound is in no table, but has a name.
func TestSocketInNoTable(t *testing.T) {
	fs := live(t)
	for name, args := range map[string][3]int{
		"TCP":     {unix.AF_INET, unix.SOCK_STREAM, 0},
		"TCPv6":   {unix.AF_INET6, unix.SOCK_STREAM, 0},
		"UDP":     {unix.AF_INET, unix.SOCK_DGRAM, 0},
		"MPTCP":   {unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP},
		"NETLINK": {unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE},
		"UNIX":    {unix.AF_UNIX, unix.SOCK_DGRAM, 0},
	} {
		fd, err := unix.Socket(args[0], args[1]|unix.SOCK_CLOEXEC, args[2])
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		defer unix.Close(fd)
		inode := inodeOf(t, fd)
		got, err := fs.SockProtoName(os.Getpid(), int32(fd), inode)
		if err != nil || got != name {
			t.Errorf("protocol %q, %v; want %q", got, err, name)
		}
		if _, err := fs.SockProtoName(os.Getpid(), int32(fd), inode+1); err == nil {
			t.Errorf("%s: the name of another socket was given", name)
		}
		err = fs.NetTCP(os.Getpid(), func(s *socket.Socket) error {
			if s.Inode == inode {
				t.Errorf("%s: socket that was never bound is in the table", name)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}
