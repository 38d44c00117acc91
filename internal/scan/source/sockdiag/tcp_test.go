//go:build linux

package sockdiag

import (
	"context"
	"errors"
	"net/netip"
	"reflect"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

func TestTCPDescribesAConnection(t *testing.T) {
	c := ownNet(t)
	client, server := pair(t, 0)
	defer unix.Close(client)
	defer unix.Close(server)
	write(t, client, "hello")
	s := await(t, c.tcp, "received", func(s *socket.Socket) bool {
		return s.Inode == inodeOf(t, server) && s.RecvQ == 5
	})
	if s.NetNS == 0 || s.NetNS != c.NetNS() {
		t.Errorf("namespace %d, want %d", s.NetNS, c.NetNS())
	}
	if s.Cookie != cookieOf(t, server) {
		t.Errorf("cookie %d, want %d", s.Cookie, cookieOf(t, server))
	}
	if s.Local != local(t, server) || s.Remote != local(t, client) {
		t.Errorf("%v -> %v, want %v -> %v", s.Local, s.Remote, local(t, server), local(t, client))
	}
	if !s.IsTCP() || s.Family != socket.IPv4 || s.Type != socket.Stream || s.State != socket.Established || s.Presence != socket.InTable {
		t.Errorf("described as %+v", s)
	}
	want := socket.HasState | socket.HasAddrs | socket.HasQueues | socket.HasTimer | socket.HasTCPInfo | socket.HasDataSegs
	if s.Facts != want {
		t.Errorf("facts %b, want %b", s.Facts, want)
	}
	if s.TCP.BytesReceived != 5 {
		t.Errorf("%d bytes received, want 5", s.TCP.BytesReceived)
	}
	peer := one(t, c.tcp, inodeOf(t, client))
	if peer.TCP.BytesSent != 5 || peer.TCP.BytesAcked < 5 {
		t.Errorf("the client sent 5 bytes: %+v", peer.TCP)
	}
	if s.TCP.DataSegsIn != 1 || s.TCP.DataSegsOut != 0 || peer.TCP.DataSegsIn != 0 || peer.TCP.DataSegsOut != 1 {
		t.Errorf("one segment carried data: %+v from %+v", s.TCP, peer.TCP)
	}
}

func TestMappedAddressesAreIPv4(t *testing.T) {
	c := ownNet(t)
	l := newSocket(t, unix.AF_INET6, unix.SOCK_STREAM, 0)
	defer unix.Close(l)
	check(t, "bind", unix.Bind(l, &unix.SockaddrInet6{}))
	check(t, "listen", unix.Listen(l, 1))
	listener := one(t, c.tcp, inodeOf(t, l))
	if listener.Family != socket.IPv6 || !listener.Local.Addr().Is6() || listener.Remote.IsValid() {
		t.Errorf("dual-stack listener: %v %v -> %v", listener.Family, listener.Local, listener.Remote)
	}
	client := newSocket(t, unix.AF_INET, unix.SOCK_STREAM, 0)
	defer unix.Close(client)
	check(t, "connect", unix.Connect(client, &unix.SockaddrInet4{Addr: loopback.Addr, Port: int(listener.Local.Port())}))
	server, _, err := unix.Accept(l)
	check(t, "accept", err)
	defer unix.Close(server)
	s := one(t, c.tcp, inodeOf(t, server))
	if s.Family != socket.IPv6 || s.Local.Addr() != netip.MustParseAddr("127.0.0.1") || s.Remote != local(t, client) {
		t.Errorf("mapped connection: %v %v -> %v", s.Family, s.Local, s.Remote)
	}
}

func TestTCPFilters(t *testing.T) {
	c := privateNet(t)
	var ports []uint16
	for range 6 {
		l := listenTCP(t, 0, 1)
		defer unix.Close(l)
		ports = append(ports, local(t, l).Port())
	}
	client, server := pair(t, 0)
	defer unix.Close(server)
	unix.Close(client)
	awaitState(t, c.tcp, inodeOf(t, server), socket.CloseWait)

	for name, f := range map[string]Filter{
		"one port":     {LocalPorts: ports[:1]},
		"two ports":    {LocalPorts: []uint16{ports[4], ports[1]}},
		"all but one":  {LocalPorts: ports[1:]},
		"some ports":   {LocalPorts: []uint16{ports[0], 1, 2, 3, ports[3], 9, 65535, 0}},
		"state":        {States: socket.StateSet(socket.CloseWait)},
		"state, ports": {States: socket.StateSet(socket.CloseWait, socket.Listen), LocalPorts: []uint16{ports[0], local(t, server).Port()}},
	} {
		var want, got []uint64
		for _, s := range collect(t, c.tcp) {
			if f.states().Has(s.State) && (f.LocalPorts == nil || slices.Contains(f.LocalPorts, s.Local.Port())) {
				want = append(want, s.Cookie)
			}
		}
		for _, s := range collect(t, filtered(c, f)) {
			got = append(got, s.Cookie)
		}
		slices.Sort(want)
		slices.Sort(got)
		if len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s: got cookies %v, want %v", name, got, want)
		}
	}
}

func TestBothFamiliesComeOnce(t *testing.T) {
	c := ownNet(t)
	a := listenTCP(t, 0, 1)
	defer unix.Close(a)
	b := newSocket(t, unix.AF_INET6, unix.SOCK_STREAM, 0)
	defer unix.Close(b)
	check(t, "listen", unix.Listen(b, 1))
	for _, fd := range []int{a, b} {
		one(t, c.tcp, inodeOf(t, fd))
		one(t, func(ctx context.Context, y func(*socket.Socket) error) error {
			return c.tcpByFamily(ctx, Filter{}, nil, parseTCP, y)
		}, inodeOf(t, fd))
	}
}

func TestYieldsErrorEndsTheDump(t *testing.T) {
	c := privateNet(t)
	for range 500 {
		l := listenTCP(t, 0, 1)
		defer unix.Close(l)
	}
	stop := errors.New("enough")
	n := 0
	err := c.TCP(t.Context(), Filter{}, func(*socket.Socket) error { n++; return stop })
	if !errors.Is(err, stop) || n != 1 {
		t.Fatalf("yielded %d times, error %v", n, err)
	}
	// The kernel refuses a dump while another is unread.
	if got := len(collect(t, c.tcp)); got != 500 {
		t.Errorf("the next dump has %d sockets, want 500", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = c.TCP(ctx, Filter{}, func(*socket.Socket) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled dump: %v", err)
	}
	if got := len(collect(t, c.tcp)); got != 500 {
		t.Errorf("the dump after the cancelled one has %d sockets, want 500", got)
	}
}

// TestBrief: a brief row differs from a full one in nothing but tcp_info.
func TestBrief(t *testing.T) {
	c := privateNet(t)
	l := listenTCP(t, 0, 4)
	defer unix.Close(l)
	a, b := connectTo(t, l, 0), connectTo(t, l, 0) // they wait in the accept queue
	defer unix.Close(a)
	defer unix.Close(b)
	write(t, a, "hello")
	full := map[uint64]socket.Socket{}
	for _, s := range collect(t, c.tcp) {
		full[s.Cookie] = s
	}
	brief := collect(t, filtered(c, Filter{Brief: true}))
	if len(brief) != len(full) || len(full) != 5 {
		t.Fatalf("%d brief rows, %d full ones", len(brief), len(full))
	}
	for _, got := range brief {
		want := full[got.Cookie]
		if got.Has(socket.HasTCPInfo) || want.State != socket.Listen && !want.Has(socket.HasTCPInfo) {
			t.Errorf("facts %b, in full %b", got.Facts, want.Facts)
		}
		want.TCP, want.Facts = socket.TCPInfo{}, want.Facts&^(socket.HasTCPInfo|socket.HasDataSegs)
		got.Timer.Expires, want.Timer.Expires = 0, 0 // it moves with the clock
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
}
