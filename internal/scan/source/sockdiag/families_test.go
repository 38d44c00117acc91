//go:build linux

package sockdiag

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

func TestUDP(t *testing.T) {
	c := ownNet(t)
	fd := newSocket(t, unix.AF_INET6, unix.SOCK_DGRAM, 0)
	defer unix.Close(fd)
	check(t, "bind", unix.Bind(fd, &unix.SockaddrInet6{}))
	s := one(t, c.UDP, inodeOf(t, fd))
	if !s.IsUDP() || s.Family != socket.IPv6 || s.Type != socket.Dgram || s.State != socket.Close || s.Remote.IsValid() {
		t.Errorf("bound: described as %+v", s)
	}
	other := newSocket(t, unix.AF_INET, unix.SOCK_DGRAM, 0)
	defer unix.Close(other)
	check(t, "connect", unix.Connect(other, &unix.SockaddrInet4{Addr: loopback.Addr, Port: int(s.Local.Port())}))
	write(t, other, "hello")
	s = await(t, c.UDP, "received", func(s *socket.Socket) bool { return s.Inode == inodeOf(t, fd) && s.RecvQ > 0 })
	if s.RecvQ < 5 || !s.Has(socket.HasQueues) || s.Has(socket.HasTimer) {
		t.Errorf("a datagram of 5 bytes waits: %d, facts %b", s.RecvQ, s.Facts)
	}
	if s := one(t, c.UDP, inodeOf(t, other)); s.State != socket.Established || s.Remote.Port() != local(t, fd).Port() || s.Cookie != cookieOf(t, other) {
		t.Errorf("connected: described as %+v", s)
	}
}

// everything is ETH_P_ALL of include/uapi/linux/if_ether.h in network byte order.
const everything = 0x0300

func TestPacket(t *testing.T) {
	c := privateNet(t)
	fd := newSocket(t, unix.AF_PACKET, unix.SOCK_RAW, everything)
	defer unix.Close(fd)
	check(t, "bind", unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: everything, Ifindex: 1}))
	s := one(t, c.Packet, inodeOf(t, fd))
	if s.Family != socket.Packet || s.Type != socket.Raw || s.Device != 1 || s.Cookie != cookieOf(t, fd) || !s.Has(socket.HasQueues) {
		t.Errorf("described as %+v", s)
	}
	if s.UID != uint32(os.Geteuid()) {
		t.Errorf("uid %d, want %d", s.UID, os.Geteuid())
	}
}

func TestNetlinkShowsItself(t *testing.T) {
	c := ownNet(t)
	idle := newSocket(t, unix.AF_NETLINK, unix.SOCK_DGRAM, unix.NETLINK_ROUTE)
	defer unix.Close(idle)
	check(t, "bind", unix.Bind(idle, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}))
	if s := one(t, c.Netlink, inodeOf(t, idle)); s.State != socket.Close || s.Type != socket.Dgram {
		t.Errorf("idle: described as %+v", s)
	}
	s := one(t, c.Netlink, inodeOf(t, c.fd))
	if s.Family != socket.Netlink || s.Type != socket.Raw || s.Cookie != cookieOf(t, c.fd) || s.State != socket.Established {
		t.Errorf("described as %+v", s)
	}
}

// TestMissingModule: what this kernel has no module for is an error, and not
// an empty dump. Which modules those are differs; protocol 253 is known to
// none.
func TestMissingModule(t *testing.T) {
	c := ownNet(t)
	for name, dump := range map[string]dumper{"raw": c.Raw, "udplite": c.UDPLite, "vsock": c.Vsock, "mptcp": c.MPTCP} {
		n := 0
		err := dump(t.Context(), func(*socket.Socket) error { n++; return nil })
		if err != nil && (!errors.Is(err, ErrNoModule) || n != 0) {
			t.Errorf("%s: %d sockets, error %v", name, n, err)
		}
	}
	err := c.dumpFamilies(t.Context(), "none", 253, 0, parseUDP, func(*socket.Socket) error { return nil })
	if !errors.Is(err, ErrNoModule) {
		t.Errorf("protocol 253 is reserved for experiments (RFC 3692): %v", err)
	}
}
