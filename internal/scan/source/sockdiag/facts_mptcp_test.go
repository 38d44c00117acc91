//go:build linux

package sockdiag

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

func TestMPTCPStateIsNotThatOfTheSubflow(t *testing.T) {
	c := ownNet(t)
	if err := c.MPTCP(t.Context(), func(*socket.Socket) error { return nil }); errors.Is(err, ErrNoModule) {
		t.Skip("needs mptcp_diag (CONFIG_INET_MPTCP_DIAG, Linux 5.9)")
	}
	l := listenTCP(t, unix.IPPROTO_MPTCP, 4)
	defer unix.Close(l)
	listener := one(t, c.MPTCP, inodeOf(t, l))
	if listener.State != socket.Listen || listener.Protocol != socket.MPTCP || !listener.Has(socket.HasQueues) {
		t.Errorf("listener: described as %+v", listener)
	}
	client := connectTo(t, l, unix.IPPROTO_MPTCP)
	server, _, err := unix.Accept(l)
	check(t, "accept", err)
	defer unix.Close(server)
	// DATA_FIN takes both ends to be fully established, which data does.
	write(t, client, "x")
	_, err = unix.Read(server, make([]byte, 1))
	check(t, "read", err)
	write(t, server, "y")
	_, err = unix.Read(client, make([]byte, 1))
	check(t, "read", err)
	check(t, "shutdown", unix.Shutdown(client, unix.SHUT_WR))
	defer unix.Close(client)

	whole := awaitState(t, c.MPTCP, inodeOf(t, server), socket.CloseWait)
	subflow := one(t, c.tcp, inodeOf(t, server))
	if subflow.State != socket.Established {
		t.Errorf("the subflow of a connection in CLOSE_WAIT is in %v", subflow.State)
	}
	if whole.Cookie == subflow.Cookie || whole.Cookie != cookieOf(t, server) {
		t.Errorf("cookies: MPTCP socket %d, subflow %d, descriptor %d", whole.Cookie, subflow.Cookie, cookieOf(t, server))
	}
	if !whole.IsTCP() || whole.Has(socket.HasQueues) || whole.Has(socket.HasTimer) || whole.Remote != subflow.Remote {
		t.Errorf("described as %+v", whole)
	}
	if kernelAtLeast(6, 10) && (!whole.Has(socket.HasTCPInfo) || whole.TCP.BytesReceived == 0) {
		t.Errorf("no mptcp_info: %+v", whole.TCP)
	}
}

// TestMayHaveMPTCP asks after dumps whether MPTCP has to be asked for too.
func TestMayHaveMPTCP(t *testing.T) {
	c := ownNet(t)
	if !c.MayHaveMPTCP() {
		t.Error("it knows before the first dump")
	}
	plain := listenTCP(t, unix.IPPROTO_TCP, 4)
	defer unix.Close(plain)
	connectTo(t, plain, unix.IPPROTO_TCP)
	dump := func(f Filter) bool {
		check(t, "dump", c.TCP(t.Context(), f, ignore))
		return c.MayHaveMPTCP()
	}
	others := os.Geteuid() != 0 // then it is the namespace of everybody
	if dump(Filter{}) && kernelAtLeast(6, 15) && !others {
		t.Error("TCP alone may be MPTCP")
	}
	if !dump(Filter{Brief: true}) || !dump(Filter{LocalPorts: []uint16{1}}) {
		t.Error("a dump that cannot tell does")
	}
	l := listenTCP(t, unix.IPPROTO_MPTCP, 4)
	if !dump(Filter{}) {
		t.Error("a listener of MPTCP was not seen")
	}
	client := connectTo(t, l, unix.IPPROTO_MPTCP)
	server, _, err := unix.Accept(l)
	check(t, "accept", err)
	unix.Close(l)
	if !dump(Filter{}) {
		t.Error("a connection of MPTCP was not seen")
	}
	unix.Close(client)
	unix.Close(server)
}
