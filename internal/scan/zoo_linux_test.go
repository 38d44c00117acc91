package scan

import (
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

// animal is one descriptor of the zoo, a child that holds sockets of every
// kind: what was done to it, and what it must be found to be.
type animal struct {
	FD            int32
	Inode, Cookie uint64
	Kind          string // see kinds in differential_linux_test.go
	Local, Remote netip.AddrPort
	Peer          uint64 // inode of the other end of a UNIX socket
}

type zoo struct {
	Animals []animal
}

// each is how many of the common kinds there are.
const each = 30

func (z *zoo) keep(kind string, fd int) int {
	a := animal{FD: int32(fd), Kind: kind, Local: sockAddr(unix.Getsockname(fd)), Remote: sockAddr(unix.Getpeername(fd))}
	a.Inode, a.Cookie = ids(fd)
	z.Animals = append(z.Animals, a)
	return fd
}

func open(family, kind, protocol int) int {
	fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC, protocol)
	testkit.Must(err)
	return fd
}

func loopback(family int) unix.Sockaddr {
	if family == unix.AF_INET6 {
		return &unix.SockaddrInet6{Addr: [16]byte{15: 1}}
	}
	return &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}
}

func openZoo() any {
	z := &zoo{}
	for _, family := range []int{unix.AF_INET, unix.AF_INET6} {
		z.tcp(family)
		z.udp(family)
	}
	z.mapped()
	z.unix()
	z.mptcp()
	for range 3 {
		z.keep("netlink", open(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE))
	}
	bound := open(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE)
	testkit.Must(unix.Bind(bound, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}))
	z.keep("netlink bound", bound)
	if fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0); err == nil { // CAP_NET_RAW
		z.keep("packet", fd)
		z.keep("raw", open(unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_ICMP))
	}
	if fd, err := unix.Socket(unix.AF_VSOCK, unix.SOCK_STREAM, 0); err == nil { // not in every kernel
		z.keep("vsock", fd)
	}
	time.Sleep(20 * time.Millisecond) // for the last FIN and RST on loopback
	return z
}

// tcp holds sockets in every state that lasts.
func (z *zoo) tcp(family int) {
	l := open(family, unix.SOCK_STREAM, 0)
	testkit.Must(unix.Bind(l, loopback(family)))
	testkit.Must(unix.Listen(l, 64))
	z.keep("listen", l)
	addr, err := unix.Getsockname(l)
	testkit.Must(err)
	connect := func() (client, server int) {
		client = open(family, unix.SOCK_STREAM, 0)
		testkit.Must(unix.Connect(client, addr))
		server, _, err := unix.Accept4(l, unix.SOCK_CLOEXEC)
		testkit.Must(err)
		return client, server
	}
	for range each {
		client, server := connect()
		z.keep("established", client)
		z.keep("established", server)
	}
	for range each {
		client, server := connect()
		z.keep("close-wait", server)
		z.keep("fin-wait2", client)
		testkit.Must(unix.Shutdown(client, unix.SHUT_WR))
	}
	for range 5 {
		client, server := connect()
		testkit.Must(unix.SetsockoptLinger(server, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}))
		testkit.Must(unix.Close(server))
		z.keep("reset", client)
		z.keep("new", open(family, unix.SOCK_STREAM, 0))
		bound := open(family, unix.SOCK_STREAM, 0)
		testkit.Must(unix.Bind(bound, loopback(family)))
		z.keep("bound", bound)
		failed := open(family, unix.SOCK_STREAM, 0)
		if unix.Connect(failed, refusing(family)) == nil {
			panic("port 1 accepts connections")
		}
		z.keep("failed", failed)
	}
	twice, err := unix.FcntlInt(uintptr(l), unix.F_DUPFD_CLOEXEC, 0)
	testkit.Must(err)
	z.keep("listen", twice)
}

// refusing is an address at which nobody listens.
func refusing(family int) unix.Sockaddr {
	switch sa := loopback(family).(type) {
	case *unix.SockaddrInet4:
		sa.Port = 1
		return sa
	case *unix.SockaddrInet6:
		sa.Port = 1
		return sa
	}
	return nil
}

func (z *zoo) udp(family int) {
	for range each {
		bound := open(family, unix.SOCK_DGRAM, 0)
		testkit.Must(unix.Bind(bound, loopback(family)))
		z.keep("udp bound", bound)
		connected := open(family, unix.SOCK_DGRAM, 0)
		addr, err := unix.Getsockname(bound)
		testkit.Must(err)
		testkit.Must(unix.Connect(connected, addr))
		z.keep("udp connected", connected)
	}
	z.keep("udp new", open(family, unix.SOCK_DGRAM, 0))
	if fd, err := unix.Socket(family, unix.SOCK_DGRAM, unix.IPPROTO_UDPLITE); err == nil { // until Linux 6.17 or so
		testkit.Must(unix.Bind(fd, loopback(family)))
		z.keep("udplite", fd)
	}
}

// mapped are IPv4 connections of IPv6 sockets.
func (z *zoo) mapped() {
	l := open(unix.AF_INET6, unix.SOCK_STREAM, 0)
	testkit.Must(unix.Bind(l, &unix.SockaddrInet6{}))
	testkit.Must(unix.Listen(l, 8))
	addr, err := unix.Getsockname(l)
	testkit.Must(err)
	client := open(unix.AF_INET, unix.SOCK_STREAM, 0)
	testkit.Must(unix.Connect(client, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: addr.(*unix.SockaddrInet6).Port}))
	server, _, err := unix.Accept4(l, unix.SOCK_CLOEXEC)
	testkit.Must(err)
	z.keep("listen", l)
	z.keep("established", client)
	z.keep("established", server)
}

func (z *zoo) unix() {
	for _, kind := range []int{unix.SOCK_STREAM, unix.SOCK_DGRAM, unix.SOCK_SEQPACKET} {
		for range each / 3 {
			pair, err := unix.Socketpair(unix.AF_UNIX, kind|unix.SOCK_CLOEXEC, 0)
			testkit.Must(err)
			z.keep("unix connected", pair[0])
			z.keep("unix connected", pair[1])
			n := len(z.Animals)
			z.Animals[n-1].Peer, z.Animals[n-2].Peer = z.Animals[n-2].Inode, z.Animals[n-1].Inode
		}
		z.keep("unix new", open(unix.AF_UNIX, kind, 0))
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	testkit.Must(err)
	testkit.Must(unix.Close(pair[1]))
	z.keep("unix peer gone", pair[0])
	l := open(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	testkit.Must(unix.Bind(l, &unix.SockaddrUnix{})) // autobind: an abstract name
	testkit.Must(unix.Listen(l, 8))
	z.keep("unix listen", l)
}

func (z *zoo) mptcp() {
	l, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
	if err != nil {
		return // not in every kernel
	}
	testkit.Must(unix.Bind(l, loopback(unix.AF_INET)))
	testkit.Must(unix.Listen(l, 8))
	addr, err := unix.Getsockname(l)
	testkit.Must(err)
	client := open(unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_MPTCP)
	testkit.Must(unix.Connect(client, addr))
	server, _, err := unix.Accept4(l, unix.SOCK_CLOEXEC)
	testkit.Must(err)
	z.keep("listen", l)
	z.keep("mptcp", client)
	z.keep("mptcp", server)
}

// expectation is what a kind of socket must be found to be.
type expectation struct {
	state    socket.State
	presence socket.Presence
}
