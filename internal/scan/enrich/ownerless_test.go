//go:build linux

package enrich

import (
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/scan/netns"
	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/socket"
)

// server is a listener of this process with connections to it.
type server struct {
	net.Listener
	t *testing.T
}

func serve(t *testing.T) server {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return server{l, t}
}

func (s server) at() netip.AddrPort { return s.Addr().(*net.TCPAddr).AddrPort() }

func (s server) connect() (client, accepted *net.TCPConn) {
	s.t.Helper()
	c, err := net.Dial("tcp4", s.Addr().String())
	if err != nil {
		s.t.Fatal(err)
	}
	a, err := s.Accept()
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = a.Close(); _ = c.Close() })
	return c.(*net.TCPConn), a.(*net.TCPConn)
}

// timeWait leaves connections in TIME_WAIT on the side of the server.
func (s server) timeWait(n int) {
	for range n {
		client, accepted := s.connect()
		_ = accepted.Close()
		_, _ = client.Read(make([]byte, 1)) // the FIN
		_ = client.Close()
	}
}

// listener is what a look knows of it.
func (s server) listener() *socket.Socket {
	return &socket.Socket{Family: socket.IPv4, Protocol: socket.TCP, State: socket.Listen, Local: s.at(), Inode: 1,
		Holders: []socket.Holder{{Process: socket.ProcessID{PID: os.Getpid()}, FD: 3}}}
}

// look has the enricher count what nobody holds beside the sockets of a look.
func look(t *testing.T, e *Enricher, at time.Time, sockets ...*socket.Socket) *socket.Snapshot {
	t.Helper()
	conn, err := e.conns.Own()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sockets {
		s.NetNS = conn.NetNS()
	}
	ns := netns.Namespace{ID: conn.NetNS(), PID: os.Getpid()}
	snap := &socket.Snapshot{Taken: at, Namespaces: []socket.Namespace{{ID: ns.ID, EphemeralLow: 32768}}}
	b := source.NewBuilder(snap, false, 0)
	b.Adopt(sockets, nil, 0)
	if err := e.ownerless(t.Context(), ns, 0, b); err != nil {
		t.Fatal(err)
	}
	return snap
}

// waits is how many connections of the port were counted in TIME_WAIT.
func waits(snap *socket.Snapshot, port uint16) (n int) {
	for _, o := range snap.Namespaces[0].Ownerless {
		if o.State == socket.TimeWait && o.Local.Port() == port {
			n += o.Count
		}
	}
	return n
}

// TIME_WAIT is counted place by place where it can be the target's, and seldom
// in a poll; of others' there is the number alone.
func TestTimeWaitOfTheTargets(t *testing.T) {
	const n = 40
	s, other := serve(t), serve(t)
	e := enricher(t)
	now := time.Unix(1000, 0)
	s.timeWait(n)
	port := s.at().Port()
	snap := look(t, e, now, s.listener())
	if got := waits(snap, port); got != n {
		t.Errorf("%d on our port, want %d: %+v", got, n, snap.Namespaces[0])
	}
	s.timeWait(n)
	if got := waits(look(t, e, now.Add(timeWaitEvery/2), s.listener()), port); got != n {
		t.Errorf("%d soon after, want the %d of the look before", got, n)
	}
	if got := waits(look(t, e, now.Add(timeWaitEvery), s.listener()), port); got != 2*n {
		t.Errorf("%d later, want %d", got, 2*n)
	}
	snap = look(t, enricher(t), now, other.listener())
	if facts := snap.Namespaces[0]; waits(snap, port) != 0 || facts.TimeWait < 2*n {
		t.Errorf("of another listener: %+v; want the number alone", facts)
	}
	client := &socket.Socket{Family: socket.IPv4, Protocol: socket.TCP, State: socket.Established, Inode: 2,
		Local: netip.AddrPortFrom(s.at().Addr(), 40000), Remote: netip.MustParseAddrPort("127.0.0.1:1")}
	if snap = look(t, enricher(t), now, client); waits(snap, port) != 0 {
		t.Errorf("of a client of another place: %+v", snap.Namespaces[0].Ownerless)
	}
}

// What the program has closed but the peer does not take is an orphan; what it
// closed during the look was seen held, and does not come twice.
func TestClosedDuringTheLook(t *testing.T) {
	s := serve(t)
	client, accepted := s.connect()
	_ = client.SetReadBuffer(4096)
	held := &socket.Socket{Family: socket.IPv4, Protocol: socket.TCP, State: socket.Established, Inode: 2,
		Local: s.at(), Remote: client.LocalAddr().(*net.TCPAddr).AddrPort(),
		Holders: []socket.Holder{{Process: socket.ProcessID{PID: os.Getpid()}, FD: 4}}}
	_ = accepted.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
	for block := make([]byte, 64<<10); ; {
		if _, err := accepted.Write(block); err != nil {
			break // full: the client does not read
		}
	}
	_ = accepted.Close()
	orphans := func(sockets ...*socket.Socket) (n int) {
		for _, o := range look(t, enricher(t), time.Unix(1000, 0), sockets...).Sockets {
			if len(o.Holders) == 0 && o.Remote == held.Remote {
				n++
			}
		}
		return n
	}
	if n := orphans(s.listener()); n != 1 {
		t.Fatalf("%d orphans; the test is about one", n)
	}
	if n := orphans(s.listener(), held); n != 0 {
		t.Errorf("it is there twice: held, and again without owner")
	}
}
