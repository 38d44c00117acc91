//go:build linux

package bpf

import (
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

func TestShared(t *testing.T) {
	p := open(t, Options{})
	client, _ := pair(t)
	if s := find(t, p, client); !s.Has(socket.HasShared) || s.Shared {
		t.Errorf("one descriptor: %+v", s.Socket)
	}
	dup, err := unix.Dup(client)
	must(t, err)
	if s := find(t, p, client); !s.Has(socket.HasShared) || !s.Shared {
		t.Errorf("two descriptors: %+v", s.Socket)
	}
	must(t, unix.Close(dup))
	if s := find(t, p, client); s.Shared {
		t.Error("one descriptor again, and still shared")
	}
}

func TestWatchedByEpoll(t *testing.T) {
	p := open(t, Options{})
	client, _ := pair(t)
	if s := find(t, p, client); !s.Has(socket.HasWatched) || s.Watched {
		t.Errorf("in no epoll set: %+v", s.Socket)
	}
	set, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	must(t, err)
	defer unix.Close(set)
	must(t, unix.EpollCtl(set, unix.EPOLL_CTL_ADD, client, &unix.EpollEvent{Events: unix.EPOLLIN}))
	if s := find(t, p, client); !s.Watched || s.Shared {
		t.Errorf("in an epoll set: %+v", s.Socket)
	}
	must(t, unix.EpollCtl(set, unix.EPOLL_CTL_DEL, client, nil))
	if s := find(t, p, client); s.Watched {
		t.Error("removed from the epoll set, and still watched")
	}
}

// TestWatchedByThread has a thread sleep in read(2). Its reference to the
// file must not be taken for a second holder's.
func TestWatchedByThread(t *testing.T) {
	p := open(t, Options{})
	client, server := pair(t)
	done := make(chan error)
	go func() {
		_, err := unix.Read(client, make([]byte, 1))
		done <- err
	}()
	s := await(t, p, client, "sleeping reader", func(s seen) bool { return s.Watched })
	if s.Has(socket.HasShared) && s.Shared {
		t.Error("a sleeping reader is taken for a second holder")
	}
	_, err := unix.Write(server, []byte{1})
	must(t, err)
	must(t, <-done)
	await(t, p, client, "end of the watch", func(s seen) bool { return !s.Watched && !s.Shared })
}

func TestKeepaliveTimer(t *testing.T) {
	p := open(t, Options{})
	client, server := pair(t)
	if s := find(t, p, client); s.Timer.Kind != socket.NoTimer {
		t.Errorf("timer %+v", s.Timer)
	}
	must(t, unix.SetsockoptInt(server, unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 600))
	must(t, unix.SetsockoptInt(server, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1))
	s := find(t, p, server)
	if s.Timer.Kind != socket.Keepalive || s.Timer.Expires > 600*time.Second || s.Timer.Expires < 500*time.Second {
		t.Errorf("timer %+v", s.Timer)
	}
}

// TestPersistTimer fills the peer's window.
func TestPersistTimer(t *testing.T) {
	p := open(t, Options{})
	client, _ := pair(t)
	must(t, unix.SetNonblock(client, true))
	var err error
	for block := make([]byte, 64<<10); err == nil; {
		_, err = unix.Write(client, block)
	}
	s := await(t, p, client, "persist timer", func(s seen) bool { return s.Timer.Kind == socket.Persist })
	if s.SendQ == 0 || s.TCP.BytesSent == 0 {
		t.Errorf("send queue %d, %d bytes sent", s.SendQ, s.TCP.BytesSent)
	}
}

// TestAges checks that the three ages grow, and start anew when something
// happens.
func TestAges(t *testing.T) {
	p := open(t, Options{})
	client, server := pair(t)
	_, err := unix.Write(client, []byte("x"))
	must(t, err)
	const age = 60 * time.Millisecond
	old := await(t, p, server, "age", func(s seen) bool { return s.TCP.LastDataRecv >= age })
	if old.TCP.LastDataRecv > time.Minute {
		t.Errorf("received %v ago", old.TCP.LastDataRecv)
	}
	await(t, p, client, "age", func(s seen) bool { return s.TCP.LastDataSent >= age && s.TCP.LastAckRecv > 0 })
	start := time.Now()
	_, err = unix.Write(client, []byte("y"))
	must(t, err)
	fresh := await(t, p, server, "second byte", func(s seen) bool { return s.TCP.BytesReceived == 2 })
	if most := time.Since(start) + 2*p.tick; fresh.TCP.LastDataRecv > most {
		t.Errorf("received %v ago, but it was sent at most %v ago", fresh.TCP.LastDataRecv, most)
	}
}

func TestMappedAddressesAreIPv4(t *testing.T) {
	p := open(t, Options{})
	_, addr := listen(t, unix.IPPROTO_TCP, 1)
	fd := own(t, unix.AF_INET6, unix.SOCK_STREAM, 0)
	mapped := &unix.SockaddrInet6{Port: addr.Port, Addr: netip.MustParseAddr("::ffff:127.0.0.1").As16()}
	must(t, unix.Connect(fd, mapped))
	s := find(t, p, fd)
	want := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(addr.Port))
	if s.Remote != want || !s.Local.Addr().Is4() || s.Family != socket.IPv6 {
		t.Errorf("family %v, local %v, remote %v", s.Family, s.Local, s.Remote)
	}
}

func TestUDP(t *testing.T) {
	p := open(t, Options{})
	receiver := own(t, unix.AF_INET, unix.SOCK_DGRAM, 0)
	must(t, unix.Bind(receiver, loopback))
	name, err := unix.Getsockname(receiver)
	must(t, err)
	sender := own(t, unix.AF_INET, unix.SOCK_DGRAM, 0)
	must(t, unix.Connect(sender, name))
	if s := find(t, p, sender); s.State != socket.Established || !s.IsUDP() || s.Presence != socket.InTable {
		t.Errorf("connected: %+v", s.Socket)
	}
	for range 3 {
		_, err = unix.Write(sender, make([]byte, 100))
		must(t, err)
	}
	s := find(t, p, receiver)
	if s.State != socket.Close || s.RecvQ < 300 || s.SendQ != 0 || s.Local.Port() != uint16(name.(*unix.SockaddrInet4).Port) {
		t.Errorf("bound: %+v", s.Socket)
	}
	for range 3 { // what is credited late must not count
		_, err = unix.Read(receiver, make([]byte, 200))
		must(t, err)
	}
	if s := find(t, p, receiver); s.RecvQ != 0 {
		t.Errorf("receive queue %d with nothing unread", s.RecvQ)
	}
}

func TestOtherFamilies(t *testing.T) {
	p := open(t, Options{})
	for _, tc := range []struct {
		family, typ, protocol int
		want                  string
	}{
		{unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE, "netlink"},
		{unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_XFRM, "netlink"}, // protocol 6, and not TCP
		{unix.AF_PACKET, unix.SOCK_RAW, 0, "packet"},
		{unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_TCP, "raw"}, // nor this
		{unix.AF_VSOCK, unix.SOCK_STREAM, 0, "vsock"},
	} {
		fd, err := unix.Socket(tc.family, tc.typ|unix.SOCK_CLOEXEC, tc.protocol)
		if err == unix.EAFNOSUPPORT || err == unix.EPROTONOSUPPORT {
			t.Logf("this kernel has no %s sockets", tc.want)
			continue
		}
		must(t, err)
		s := find(t, p, fd)
		must(t, unix.Close(fd))
		if int(s.Family) != tc.family || s.Proto() != tc.want || int(s.Type) != tc.typ {
			t.Errorf("want %s: %+v", tc.want, s.Socket)
		}
		if s.Presence != socket.InTable || s.Has(socket.HasTCPInfo) {
			t.Errorf("%s: presence %v, facts %b", tc.want, s.Presence, s.Facts)
		}
	}
}
