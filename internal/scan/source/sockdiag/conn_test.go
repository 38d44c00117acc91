//go:build linux

package sockdiag

import (
	"errors"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

func TestOnlyTheKernelIsHeard(t *testing.T) {
	c := privateNet(t)
	stranger := newSocket(t, unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_SOCK_DIAG)
	defer unix.Close(stranger)
	end := row(unix.NLMSG_DONE, c.seq+1, c.port, make([]byte, 4)) // would end the next dump
	err := unix.Sendto(stranger, end, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Pid: c.port})
	if !errors.Is(err, unix.ECONNREFUSED) {
		t.Errorf("another process's datagram: %v, want it refused", err)
	}
	l := listenTCP(t, 0, 1)
	defer unix.Close(l)
	one(t, c.tcp, inodeOf(t, l))
}

func TestCutDatagramIsAnError(t *testing.T) {
	c := privateNet(t)
	for range 4 {
		l := listenTCP(t, 0, 1)
		defer unix.Close(l)
	}
	whole := c.buf
	c.buf = make([]byte, 1000)
	err := c.TCP(t.Context(), Filter{}, func(*socket.Socket) error { return nil })
	if !errors.Is(err, ErrMalformed) {
		t.Errorf("cut datagram: %v", err)
	}
	c.buf = whole
	if n := len(collect(t, c.tcp)); n != 4 {
		t.Errorf("the next dump has %d sockets, want 4", n)
	}
}

func TestLostAnswerDoesNotHang(t *testing.T) {
	c := ownNet(t)
	check(t, "SO_RCVTIMEO", unix.SetsockoptTimeval(c.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 1000}))
	if _, err := c.receive(t.Context()); !errors.Is(err, ErrTimeout) {
		t.Errorf("no answer: %v", err)
	}
}

// TestOverrunIsInterrupted: the kernel drops answers that do not fit into the
// receive buffer, and says so with the next read.
func TestOverrunIsInterrupted(t *testing.T) {
	c := ownNet(t)
	check(t, "SO_RCVBUF", unix.SetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 1))
	l := listenTCP(t, 0, 1)
	defer unix.Close(l)
	tuples := make([]Tuple, lookupBatch)
	for i := range tuples {
		tuples[i] = Tuple{Local: local(t, l)}
	}
	err := c.Lookup(t.Context(), tuples, func(int, *socket.Socket) error { return nil })
	if !errors.Is(err, ErrInterrupted) {
		t.Errorf("lost answers: %v", err)
	}
	check(t, "SO_RCVBUF", unix.SetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_RCVBUF, 1<<18))
	if found := lookUp(t, c, tuples); len(found) != len(tuples) {
		t.Errorf("the next look-up found %d of %d", len(found), len(tuples))
	}
}

func TestClosedConn(t *testing.T) {
	c, err := Open()
	check(t, "open", err)
	check(t, "close", c.Close())
	if err := c.TCP(t.Context(), Filter{}, func(*socket.Socket) error { return nil }); !errors.Is(err, unix.EBADF) {
		t.Errorf("dump of a closed Conn: %v", err)
	}
}
