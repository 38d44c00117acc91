//go:build linux

package sockdiag

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// fixture is a dump that was recorded: the netlink messages as the kernel
// sent them, one after the other, NLMSG_DONE included. See testdata/README.md.
type fixture struct {
	name    string
	request func() []byte
	parse   func([]byte, *socket.Socket) error
	rows    int
	check   func(*socket.Socket) bool // holds for one row at least
}

var fixtures = []fixture{
	{"tcp", func() []byte { return tcpRequest(extInfo, socket.AllStates, nil) }, parseTCP, 11, func(s *socket.Socket) bool {
		return s.State == socket.CloseWait && s.RecvQ == 6 && s.TCP.BytesReceived == 6 && s.Local.Addr().Is4()
	}},
	{"udp", func() []byte { return inetRequest(socket.IPv4, socket.UDP, 0, socket.AllStates, nil) }, parseUDP, 2, func(s *socket.Socket) bool {
		return s.State == socket.Established && s.Remote.IsValid()
	}},
	{"mptcp", func() []byte { return inetRequest(socket.IPv4, socket.MPTCP, extInfo, socket.AllStates, nil) }, parseMPTCP, 3, func(s *socket.Socket) bool {
		return s.State == socket.Established && s.Has(socket.HasTCPInfo)
	}},
	{"unix", unixRequest, parseUnix, 5, func(s *socket.Socket) bool {
		return s.State == socket.Listen && s.UnixInfo.Path == "@sockdiag-fixture"
	}},
	{"packet", packetRequest, parsePacket, 1, func(s *socket.Socket) bool { return s.Device == 1 }},
	{"netlink", netlinkRequest, parseNetlink, 0, func(s *socket.Socket) bool { return s.Type == socket.Raw && s.Inode != 0 }},
}

func (f *fixture) path() string { return filepath.Join("testdata", f.name+".nl") }

// bodies are the bodies of the recorded rows.
func (f *fixture) bodies(t testing.TB) [][]byte {
	t.Helper()
	b, err := os.ReadFile(f.path())
	check(t, "read fixture", err)
	var list [][]byte
	for len(b) > 0 {
		m, rest, err := cutMessage(b)
		check(t, f.name, err)
		b = rest
		if m.kind != unix.NLMSG_DONE {
			list = append(list, m.body)
		}
	}
	return list
}

// newSocketRow is an empty row as a dump gives it to a parser.
func newSocketRow() *socket.Socket { return &socket.Socket{UnixInfo: &socket.UnixInfo{}} }

func TestFixtures(t *testing.T) {
	if *recordFlag {
		recordFixtures(t)
	}
	for _, f := range fixtures {
		bodies := f.bodies(t)
		if f.rows != 0 && len(bodies) != f.rows || len(bodies) == 0 {
			t.Errorf("%s: %d rows, want %d", f.name, len(bodies), f.rows)
		}
		matched := false
		for i, body := range bodies {
			s := newSocketRow()
			if err := f.parse(body, s); err != nil {
				t.Errorf("%s row %d: %v", f.name, i, err)
			}
			if s.Cookie == 0 || s.Presence == socket.PresenceUnknown {
				t.Errorf("%s row %d: %+v", f.name, i, s)
			}
			matched = matched || f.check(s)
		}
		if !matched {
			t.Errorf("%s: no row is what was recorded", f.name)
		}
	}
}

// TestCutRows: a row that ends early is an error or a socket with fewer facts,
// and never a panic.
func TestCutRows(t *testing.T) {
	for _, f := range fixtures {
		for i, body := range f.bodies(t) {
			for n := range len(body) {
				s := newSocketRow()
				if err := f.parse(body[:n:n], s); err == nil && s.Presence == socket.PresenceUnknown {
					t.Errorf("%s row %d: %d of %d bytes passed for a row", f.name, i, n, len(body))
				}
			}
		}
	}
}
