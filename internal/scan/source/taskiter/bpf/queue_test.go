//go:build linux

package bpf

import (
	"context"
	"net"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// waiting returns the connections in the accept queue of a listener.
func waiting(t *testing.T, p *Program, listener int) []seen {
	t.Helper()
	var list []seen
	ino := inode(t, listener)
	for _, s := range look(t, p, os.Getpid()) {
		if s.Listener == ino {
			if s.Inode != 0 || s.fd != listener || s.Watched || s.Shared {
				t.Errorf("a waiting connection: %+v", s)
			}
			list = append(list, s)
		}
	}
	return list
}

func TestAcceptQueue(t *testing.T) {
	for name, protocol := range map[string]int{"tcp": unix.IPPROTO_TCP, "mptcp": unix.IPPROTO_MPTCP} {
		t.Run(name, func(t *testing.T) {
			p := open(t, Options{})
			if protocol == unix.IPPROTO_MPTCP {
				needMPTCP(t)
			}
			l, addr := listen(t, protocol, 100)
			ports := make(map[uint16]int)
			for range 3 {
				client := own(t, unix.AF_INET, unix.SOCK_STREAM, 0)
				must(t, unix.Connect(client, addr))
				s := find(t, p, client)
				ports[s.Local.Port()] = client
			}
			if s := find(t, p, l); s.State != socket.Listen || !s.Has(socket.HasQueues) || s.RecvQ != 3 || s.SendQ != 100 || int(s.Protocol) != protocol {
				t.Errorf("listener: %+v", s.Socket)
			}
			list := waiting(t, p, l)
			if len(list) != 3 {
				t.Fatalf("%d connections wait, want 3", len(list))
			}
			for _, s := range list {
				client, known := ports[s.Remote.Port()]
				if !known || s.State != socket.Established || int(s.Local.Port()) != addr.Port || s.NetNS != netns(t) {
					t.Errorf("waiting: %+v", s.Socket)
				}
				_, err := unix.Write(client, []byte("hello"))
				must(t, err)
				must(t, unix.Shutdown(client, unix.SHUT_WR))
				await(t, p, client, "FIN_WAIT2", state(socket.FinWait2))
			}
			for _, s := range waiting(t, p, l) {
				if s.State != socket.CloseWait || s.RecvQ != 6 {
					t.Errorf("closed by the peer while waiting: %+v", s.Socket)
				}
			}
		})
	}
}

// TestLongAcceptQueue has more connections wait than are described.
func TestLongAcceptQueue(t *testing.T) {
	p := open(t, Options{})
	l, addr := listen(t, unix.IPPROTO_TCP, 200)
	const n = 64 + 20
	for range n {
		must(t, unix.Connect(own(t, unix.AF_INET, unix.SOCK_STREAM, 0), addr))
	}
	if s := find(t, p, l); s.RecvQ != n {
		t.Errorf("%d wait, want %d", s.RecvQ, n)
	}
	if list := waiting(t, p, l); len(list) != 64 {
		t.Errorf("%d are described, want %d", len(list), 64)
	}
}

// TestMPTCP has both ends speak MPTCP. The tables show the subflow, which
// stays ESTABLISHED.
func TestMPTCP(t *testing.T) {
	p := open(t, Options{})
	needMPTCP(t)
	config := net.ListenConfig{}
	config.SetMultipathTCP(true)
	l, err := config.Listen(context.Background(), "tcp4", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	dialer := net.Dialer{}
	dialer.SetMultipathTCP(true)
	client, err := dialer.Dial("tcp4", l.Addr().String())
	must(t, err)
	defer client.Close()
	server, err := l.Accept()
	must(t, err)
	defer server.Close()
	if is, err := server.(*net.TCPConn).MultipathTCP(); err != nil || !is {
		t.Skipf("needs MPTCP (sysctl net.mptcp.enabled): %v", err)
	}
	fd := number(t, server)
	s := find(t, p, fd)
	if s.Protocol != socket.MPTCP || s.State != socket.Established || s.Remote.String() != client.LocalAddr().String() || !s.TCP.Attempted {
		t.Errorf("connected: %+v", s.Socket)
	}
	_, err = client.Write([]byte("hello"))
	must(t, err)
	if p.lost.mptcp&socket.HasQueues != 0 {
		if s := find(t, p, fd); s.Has(socket.HasQueues) {
			t.Errorf("this kernel does not count the bytes (6.11): %+v", s.Socket)
		}
		return
	}
	await(t, p, fd, "5 bytes", func(s seen) bool { return s.RecvQ == 5 && s.Has(socket.HasQueues) })
	must(t, client.(*net.TCPConn).CloseWrite())
	s = await(t, p, fd, "CLOSE_WAIT", state(socket.CloseWait))
	if s.RecvQ != 6 {
		t.Errorf("receive queue %d, want 6", s.RecvQ)
	}
	_, err = server.Read(make([]byte, 16))
	must(t, err)
	if s := find(t, p, fd); s.Has(socket.HasQueues) {
		t.Error("it cannot be known whether the FIN was read")
	}
}

// number returns the descriptor of a connection of the net package.
func number(t *testing.T, c net.Conn) (fd int) {
	t.Helper()
	raw, err := c.(*net.TCPConn).SyscallConn()
	must(t, err)
	must(t, raw.Control(func(n uintptr) { fd = int(n) }))
	return fd
}

// TestMPTCPCookie: the connections that an MPTCP listener accepts have its
// cookie, so that it takes the inode to tell them apart.
func TestMPTCPCookie(t *testing.T) {
	p := open(t, Options{})
	l, addr := listen(t, unix.IPPROTO_MPTCP, 8)
	find(t, p, l) // which gives the listener its cookie
	ids := map[socket.ID]bool{}
	const n = 2
	for range n {
		client := own(t, unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP)
		must(t, unix.Connect(client, addr))
		fd, _, err := unix.Accept4(l, unix.SOCK_CLOEXEC)
		must(t, err)
		t.Cleanup(func() { unix.Close(fd) })
		s := find(t, p, fd)
		ids[s.ID()] = true
	}
	if len(ids) != n {
		t.Errorf("%d connections have %d identities: %v", n, len(ids), ids)
	}
}
