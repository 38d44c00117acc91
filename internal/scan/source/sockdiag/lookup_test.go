//go:build linux

package sockdiag

import (
	"errors"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// lookUp returns what Lookup finds, by index.
func lookUp(t *testing.T, c *Conn, tuples []Tuple) map[int]socket.Socket {
	t.Helper()
	found := map[int]socket.Socket{}
	err := c.Lookup(t.Context(), tuples, func(i int, s *socket.Socket) error {
		if _, twice := found[i]; twice {
			t.Errorf("tuple %d came twice", i)
		}
		found[i] = clone(s)
		return nil
	})
	check(t, "look up", err)
	return found
}

func TestLookupAgreesWithTheDump(t *testing.T) {
	c := privateNet(t)
	var closed []netip.AddrPort
	for range 50 { // some batches
		client, server := pair(t, 0)
		defer unix.Close(server)
		closed = append(closed, local(t, client))
		unix.Close(client)
	}
	for _, addr := range closed { // nothing moves any more
		await(t, c.tcp, "FIN_WAIT2", func(s *socket.Socket) bool { return s.Local == addr && s.State == socket.FinWait2 })
	}
	l := listenTCP(t, 0, 1)
	defer unix.Close(l)
	all := collect(t, c.tcp)
	var tuples []Tuple
	for _, s := range all {
		tuples = append(tuples, Tuple{Local: s.Local, Remote: s.Remote, Device: s.Device, Cookie: s.Cookie})
	}
	found := lookUp(t, c, tuples)
	if len(found) != len(all) || len(all) != 101 {
		t.Fatalf("found %d of %d sockets", len(found), len(all))
	}
	for i, want := range all {
		got := found[i]
		// What moves with the clock is left out.
		got.Timer.Expires, want.Timer.Expires = 0, 0
		got.TCP, want.TCP = socket.TCPInfo{}, socket.TCPInfo{}
		if got.Cookie != want.Cookie || got.State != want.State || got.Inode != want.Inode || got.Facts != want.Facts ||
			got.RecvQ != want.RecvQ || got.Timer != want.Timer || got.NetNS != want.NetNS {
			t.Errorf("tuple %d:\ngot  %+v\nwant %+v", i, got, want)
		}
	}
}

func TestLookupFindsOnlyWhatWasAskedFor(t *testing.T) {
	c := ownNet(t)
	l := listenTCP(t, 0, 4)
	defer unix.Close(l)
	client := connectTo(t, l, 0)
	defer unix.Close(client)
	here, there := local(t, client), local(t, l)
	absent := netip.AddrPortFrom(here.Addr(), here.Port()^1)
	found := lookUp(t, c, []Tuple{
		{Local: here, Remote: there},                               // without a cookie
		{Local: here, Remote: there, Cookie: cookieOf(t, client)},  // with it
		{Local: here, Remote: there, Cookie: cookieOf(t, l)},       // with another's
		{Local: there, Remote: absent},                             // the kernel answers with the listener
		{Local: there},                                             // the listener
		{Local: absent},                                            // nothing there
		{Local: netip.MustParseAddrPort("[::1]:9"), Remote: there}, // families that do not fit
		{}, // nothing at all
	})
	for i, want := range map[int]uint64{0: cookieOf(t, client), 1: cookieOf(t, client), 4: cookieOf(t, l)} {
		if found[i].Cookie != want {
			t.Errorf("tuple %d: cookie %d, want %d", i, found[i].Cookie, want)
		}
		delete(found, i)
	}
	if len(found) != 0 {
		t.Errorf("found what is not there: %+v", found)
	}
}

func TestLookupFindsMappedConnections(t *testing.T) {
	c := ownNet(t)
	l := newSocket(t, unix.AF_INET6, unix.SOCK_STREAM, 0)
	defer unix.Close(l)
	check(t, "listen", unix.Listen(l, 1))
	client := newSocket(t, unix.AF_INET, unix.SOCK_STREAM, 0)
	defer unix.Close(client)
	check(t, "connect", unix.Connect(client, &unix.SockaddrInet4{Addr: loopback.Addr, Port: int(local(t, l).Port())}))
	server, _, err := unix.Accept(l)
	check(t, "accept", err)
	defer unix.Close(server)
	found := lookUp(t, c, []Tuple{
		{Local: local(t, server), Remote: local(t, client)},
		{Local: netip.AddrPortFrom(netip.IPv6Unspecified(), local(t, l).Port())},
	})
	if found[0].Inode != inodeOf(t, server) || found[0].Family != socket.IPv6 || found[1].Inode != inodeOf(t, l) {
		t.Errorf("found %+v", found)
	}
}

func TestLookupAfterYieldsError(t *testing.T) {
	c := ownNet(t)
	l := listenTCP(t, 0, 1)
	defer unix.Close(l)
	tuples := []Tuple{{Local: local(t, l)}, {Local: local(t, l)}}
	stop := errors.New("enough")
	n := 0
	err := c.Lookup(t.Context(), tuples, func(int, *socket.Socket) error { n++; return stop })
	if !errors.Is(err, stop) || n != 1 {
		t.Errorf("yielded %d times, error %v", n, err)
	}
	if found := lookUp(t, c, tuples); len(found) != 2 {
		t.Errorf("the next look-up found %d", len(found))
	}
}
