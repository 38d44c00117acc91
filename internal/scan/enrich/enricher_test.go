//go:build linux

package enrich

import (
	"net"
	"net/netip"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/scan/source/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
)

// enricher returns one for this machine.
func enricher(t *testing.T) *Enricher {
	t.Helper()
	fs, err := proc.New(proc.Root)
	if err != nil {
		t.Fatal(err)
	}
	conns := sockdiag.NewConns(fs)
	t.Cleanup(func() { _ = conns.Close() })
	return New(fs, conns, Options{})
}

// With more descriptors to read than the budget the search is not complete.
func TestHoldersBeyondBudget(t *testing.T) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fds[0])
	defer unix.Close(fds[1])
	var st unix.Stat_t
	if err := unix.Fstat(fds[0], &st); err != nil {
		t.Fatal(err)
	}
	own := socket.ProcessID{PID: os.Getpid()}
	asked := &socket.Socket{Inode: st.Ino, Family: socket.Unix, Holders: []socket.Holder{{Process: own, FD: int32(fds[0])}}}
	snap := &socket.Snapshot{Processes: []socket.Process{{ID: own, SocketFDs: 2}}, Sockets: []*socket.Socket{asked}}
	err = enricher(t).holders(t.Context(), snap, &socket.Questions{Holders: []*socket.Socket{asked}}, 0)
	if err != nil || asked.Has(socket.HasHolders) || len(asked.Holders) != 1 {
		t.Errorf("%v, complete %v, holders %+v", err, asked.Has(socket.HasHolders), asked.Holders)
	}
}

// Where addresses may be translated, only a loopback address that nobody has
// any more is proof that the other end is gone.
func TestClosedLoopback(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	at := l.Addr().(*net.TCPAddr).AddrPort()
	ends := func() (client net.Conn, server *socket.Socket) {
		client, err := net.Dial("tcp4", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		accepted, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = accepted.Close(); _ = client.Close() })
		return client, &socket.Socket{Family: socket.IPv4, Protocol: socket.TCP, State: socket.CloseWait, Local: at,
			Remote: client.LocalAddr().(*net.TCPAddr).AddrPort()}
	}
	_, held := ends()
	_, closed := ends()
	closed.Remote = netip.AddrPortFrom(closed.Remote.Addr(), 1) // a port that no client has
	e := enricher(t)
	conn, err := e.conns.Own()
	if err != nil {
		t.Fatal(err)
	}
	listener := &socket.Socket{Family: socket.IPv4, Protocol: socket.TCP, State: socket.Listen, Local: at}
	listeners := socket.NewListeners(&socket.Snapshot{Sockets: []*socket.Socket{listener}})
	got, err := closedLoopback(t.Context(), conn, []*socket.Socket{held, closed}, listeners)
	if err != nil || len(got) != 1 || got[0] != closed {
		t.Errorf("of one closed and one held %d are closed, %v", len(got), err)
	}
}
