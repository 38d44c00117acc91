//go:build linux

package sockdiag

import (
	"flag"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

var recordFlag = flag.Bool("record", false, "record testdata anew from real sockets; needs root")

// recordFixtures writes testdata from real sockets in a network namespace of
// its own. It leaves them to the end of the process.
func recordFixtures(t *testing.T) {
	c := privateNet(t)
	recordTCP(t, c)

	bound := newSocket(t, unix.AF_INET, unix.SOCK_DGRAM, 0)
	check(t, "bind", unix.Bind(bound, loopback))
	connected := newSocket(t, unix.AF_INET, unix.SOCK_DGRAM, 0)
	sa, err := unix.Getsockname(bound)
	check(t, "getsockname", err)
	check(t, "connect", unix.Connect(connected, sa))

	unixListener(t, "@sockdiag-fixture")
	for _, kind := range []int{unix.SOCK_STREAM, unix.SOCK_DGRAM} {
		_, err := unix.Socketpair(unix.AF_UNIX, kind, 0)
		check(t, "socketpair", err)
	}
	packet := newSocket(t, unix.AF_PACKET, unix.SOCK_DGRAM, 0)
	check(t, "bind", unix.Bind(packet, &unix.SockaddrLinklayer{Protocol: everything, Ifindex: 1}))
	for i := range fixtures {
		record(t, c, &fixtures[i])
	}
}

// recordTCP makes TCP and MPTCP sockets in the states that matter.
func recordTCP(t *testing.T, c *Conn) {
	queue := listenTCP(t, 0, 5)
	connectTo(t, queue, 0)
	client, server := pair(t, 0)
	write(t, client, "hello")
	unix.Close(client)
	awaitState(t, c.tcp, inodeOf(t, server), socket.CloseWait)
	client, server = pair(t, 0)
	addr := local(t, client)
	unix.Close(client)
	unix.Close(server)
	await(t, c.tcp, "TIME_WAIT", func(s *socket.Socket) bool { return s.Local == addr && s.State == socket.TimeWait })
	check(t, "bind", unix.Bind(newSocket(t, unix.AF_INET, unix.SOCK_STREAM, 0), loopback))
	v6 := newSocket(t, unix.AF_INET6, unix.SOCK_STREAM, 0)
	check(t, "listen", unix.Listen(v6, 1))
	connectTo(t, listenTCP(t, unix.IPPROTO_MPTCP, 3), unix.IPPROTO_MPTCP)
}

// record writes the kernel's answers to a fixture's request.
func record(t *testing.T, c *Conn, f *fixture) {
	seq, err := c.send(f.request())
	check(t, "send", err)
	var all []byte
	a := answers{seq: seq, port: c.port, kind: anyKind}
	for !a.done {
		b, err := c.receive(t.Context())
		check(t, "receive", err)
		all = append(all, b...)
		check(t, f.name, a.datagram(b, func([]byte) error { return nil }))
	}
	check(t, "write fixture", os.WriteFile(f.path(), all, 0o644))
}
