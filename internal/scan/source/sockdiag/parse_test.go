//go:build linux

package sockdiag

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// parsers are all row parsers; a fuzz input names one by its index.
var parsers = []func([]byte, *socket.Socket) error{
	parseTCP, parseUDP, parseUDPLite, parseRaw, parseMPTCP, parseUnix, parsePacket, parseNetlink, parseVsock,
}

func FuzzRow(f *testing.F) {
	for _, fx := range fixtures {
		for _, body := range fx.bodies(f) {
			for i := range parsers {
				f.Add(uint8(i), body)
			}
		}
	}
	f.Fuzz(func(t *testing.T, parser uint8, body []byte) {
		s := newSocketRow()
		err := parsers[int(parser)%len(parsers)](body, s)
		if err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("error of another kind: %v", err)
		}
		if err == nil && (s.Presence == socket.PresenceUnknown || s.Family == socket.Unspec) {
			t.Errorf("neither an error nor a socket: %+v", s)
		}
		if s.Local.Addr().Is4In6() || s.Remote.Addr().Is4In6() {
			t.Errorf("mapped address: %v -> %v", s.Local, s.Remote)
		}
		if clients, err := parseIcons(body, nil); len(clients) > len(body)/4 || err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%d clients in %d bytes, %v", len(clients), len(body), err)
		}
	})
}

// inetBody is an inet_diag_msg of an IPv4 socket with the given attributes.
func inetBody(state socket.State, sport uint16, attrs ...[]byte) []byte {
	b := make([]byte, sizeofInetDiagMsg)
	b[0], b[1] = unix.AF_INET, byte(state)
	binary.BigEndian.PutUint16(b[4:], sport)
	copy(b[8:], []byte{127, 0, 0, 1})
	for _, a := range attrs {
		b = append(b, a...)
	}
	return b
}

func attr(kind uint16, value []byte) []byte { return appendAttr(nil, kind, value) }

// TestTCPInfoGrew: struct tcp_info had no byte counts once, and will have
// fields after them that nobody knows today.
func TestTCPInfoGrew(t *testing.T) {
	info := make([]byte, 280)
	binary.NativeEndian.PutUint32(info[tcpInfo().lastDataRecv:], 1500)
	binary.NativeEndian.PutUint64(info[tcpInfo().bytesAcked:], 10)
	binary.NativeEndian.PutUint32(info[tcpiDataSegsIn:], 7)
	binary.NativeEndian.PutUint64(info[tcpInfo().bytesSent:], 20)
	const all = socket.HasTCPInfo | socket.HasDataSegs
	for size, want := range map[int]struct {
		facts socket.Facts
		tcp   socket.TCPInfo
	}{
		56:  {0, socket.TCPInfo{}},
		104: {socket.HasTCPInfo, socket.TCPInfo{LastDataRecv: 1500 * time.Millisecond}},
		192: {all, socket.TCPInfo{LastDataRecv: 1500 * time.Millisecond, BytesAcked: 10, DataSegsIn: 7}},
		208: {all, socket.TCPInfo{LastDataRecv: 1500 * time.Millisecond, BytesAcked: 10, BytesSent: 20, DataSegsIn: 7}},
		280: {all, socket.TCPInfo{LastDataRecv: 1500 * time.Millisecond, BytesAcked: 10, BytesSent: 20, DataSegsIn: 7}},
	} {
		s := newSocketRow()
		check(t, "parse", parseTCP(inetBody(socket.CloseWait, 80, attr(99, nil), attr(inetDiagInfo, info[:size])), s))
		if s.Facts&all != want.facts || s.TCP != want.tcp {
			t.Errorf("%d bytes: facts %b, %+v", size, s.Facts, s.TCP)
		}
	}
}

func TestMalformedRows(t *testing.T) {
	badLength := attr(1, make([]byte, 4))
	binary.NativeEndian.PutUint16(badLength, 3)
	pastTheEnd := attr(1, make([]byte, 4))
	binary.NativeEndian.PutUint16(pastTheEnd, 9)
	family := inetBody(socket.Listen, 80)
	family[0] = unix.AF_UNIX
	unixRow := make([]byte, sizeofUnixDiagMsg)
	unixRow[0] = unix.AF_UNIX
	for name, tc := range map[string]struct {
		parse func([]byte, *socket.Socket) error
		body  []byte
	}{
		"empty":                {parseTCP, nil},
		"short":                {parseTCP, inetBody(socket.Listen, 80)[:sizeofInetDiagMsg-1]},
		"wrong family":         {parseTCP, family},
		"attribute too short":  {parseTCP, inetBody(socket.Listen, 80, badLength)},
		"attribute too long":   {parseTCP, inetBody(socket.Listen, 80, pastTheEnd)},
		"cut attribute":        {parseMPTCP, inetBody(socket.Listen, 80, []byte{1, 2})},
		"unix: short peer":     {parseUnix, append(unixRow[:sizeofUnixDiagMsg:sizeofUnixDiagMsg], attr(unixDiagPeer, make([]byte, 2))...)},
		"unix: short queue":    {parseUnix, append(unixRow[:sizeofUnixDiagMsg:sizeofUnixDiagMsg], attr(unixDiagRQLen, make([]byte, 4))...)},
		"unix: empty shutdown": {parseUnix, append(unixRow[:sizeofUnixDiagMsg:sizeofUnixDiagMsg], attr(unixDiagShutdown, nil)...)},
		"packet: wrong family": {parsePacket, make([]byte, 16)},
		"vsock: short":         {parseVsock, make([]byte, 31)},
	} {
		if err := tc.parse(tc.body, newSocketRow()); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRaw: raw_diag gives the protocol as the local port.
func TestRaw(t *testing.T) {
	s := newSocketRow()
	check(t, "parse", parseRaw(inetBody(socket.Close, uint16(socket.ICMP)), s))
	if s.Type != socket.Raw || s.Protocol != socket.ICMP || s.Local != netip.MustParseAddrPort("127.0.0.1:0") || s.Remote.IsValid() {
		t.Errorf("described as %+v", s)
	}
}

func TestVsock(t *testing.T) {
	b := make([]byte, sizeofVsockDiagMsg)
	b[0], b[1], b[2] = unix.AF_VSOCK, unix.SOCK_STREAM, byte(socket.Listen)
	binary.NativeEndian.PutUint32(b[20:], 77)
	binary.NativeEndian.PutUint32(b[24:], 5)
	binary.NativeEndian.PutUint32(b[28:], 1)
	s := newSocketRow()
	check(t, "parse", parseVsock(b, s))
	if s.Family != socket.Vsock || s.Type != socket.Stream || s.State != socket.Listen || s.Inode != 77 || s.Cookie != 1<<32|5 {
		t.Errorf("described as %+v", s)
	}
}
