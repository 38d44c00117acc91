package scan

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/sockleak/sockleak/internal/scan/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
)

// truths says of each kind of socket what it is. The bpf source, and sock_diag
// with duplicated descriptors, see just that.
func truths() map[string]expectation {
	return map[string]expectation{
		"listen":         {socket.Listen, socket.InTable},
		"established":    {socket.Established, socket.InTable},
		"mptcp":          {socket.Established, socket.InTable},
		"close-wait":     {socket.CloseWait, socket.InTable},
		"fin-wait2":      {socket.FinWait2, socket.InTable},
		"reset":          {socket.Close, socket.Reset},
		"new":            {socket.Close, socket.Unattached},
		"bound":          {socket.BoundInactive, socket.Bound},
		"failed":         {socket.Close, socket.ConnectFailed},
		"udp bound":      {socket.Close, socket.InTable},
		"udplite":        {socket.Close, socket.InTable},
		"udp connected":  {socket.Established, socket.InTable},
		"udp new":        {socket.Close, socket.Unattached},
		"unix connected": {socket.Established, socket.InTable},
		"unix peer gone": {socket.Established, socket.InTable},
		"unix listen":    {socket.Listen, socket.InTable},
		"unix new":       {socket.Close, socket.InTable},
		"netlink":        {socket.Close, socket.InTable},
		"netlink bound":  {socket.Close, socket.InTable},
		"packet":         {socket.Close, socket.InTable},
		"raw":            {socket.Close, socket.InTable},
		"vsock":          {socket.Close, socket.InTable},
	}
}

// explained says in what a source differs from the truth, and why. It changes
// what is expected; ok is false when the source does not see the socket at all.
func explained(source, kind string, want expectation) (_ expectation, ok bool) {
	inNoTable := expectation{socket.Close, socket.NotInTable}
	switch {
	case source == "bpf":
		return want, true
	case source == "sockdiag+duplicates":
		return want, true
	case source == "gopsutil":
		// gopsutil lists what the tables of TCP, UDP and UNIX sockets have
		// under the descriptor's inode, and nothing else.
		switch kind {
		case "reset", "new", "bound", "failed", "udp new", "udplite", "netlink", "netlink bound", "packet", "raw", "vsock":
			return want, false
		}
		if want.state == socket.Close || strings.HasPrefix(kind, "unix") {
			want.state = socket.Close // it gives no state of UNIX and UDP sockets
		}
		return want, true
	case kind == "new" || kind == "reset" || kind == "failed":
		return inNoTable, true // the tables have nothing that tells these apart
	case kind == "bound" && (source == "procfs" || !dumps((*sockdiag.Conn).BoundInactive)):
		return inNoTable, true // the text table has no bound sockets, netlink has them since 6.8
	case kind == "netlink":
		// The table has only bound netlink sockets, and a missing one is
		// known to be unbound by that.
		return expectation{socket.Close, socket.Unattached}, true
	case kind == "vsock" && (source == "procfs" || !dumps((*sockdiag.Conn).Vsock)):
		return expectation{0, socket.NotDumpable}, true
	}
	return want, true
}

// dumps reports whether sock_diag of this kernel has a table.
func dumps(table func(*sockdiag.Conn, context.Context, func(*socket.Socket) error) error) bool {
	c, err := sockdiag.Open()
	must(err)
	defer c.Close()
	return table(c, context.Background(), func(*socket.Socket) error { return nil }) == nil
}

// All sources give the same answer about several hundred sockets of all kinds,
// but for the differences above.
func TestSourcesAgree(t *testing.T) {
	var z zoo
	child := spawn(t, &z, nil, "zoo")
	if len(z.Animals) < 300 {
		t.Fatalf("only %d sockets", len(z.Animals))
	}
	for _, way := range []string{"bpf", "sockdiag", "sockdiag+duplicates", "sockdiag brief", "sockdiag again", "procfs", "gopsutil"} {
		t.Run(way, func(t *testing.T) {
			s, source := zooScanner(t, way)
			snap := lookAt(t, s, child.pid)
			if way == "sockdiag again" { // with what the first look has found out
				snap = lookAt(t, s, child.pid)
				if how := s.chosenSockdiag(t).How(); len(s.chosenSockdiag(t).known[snap.Processes[0].NetNS].tcp) < 200 {
					t.Errorf("few sockets are known: %s", how)
				}
			}
			found := byFD(t, snap, child.pid)
			for i := range z.Animals {
				a := &z.Animals[i]
				want, seen := explained(source, a.Kind, truths()[a.Kind])
				s := found[a.FD]
				delete(found, a.FD)
				switch {
				case !seen && s == nil:
				case s == nil && source == "gopsutil" && alike(a.Kind):
				case !seen:
					t.Errorf("%s: fd %d is seen", a.Kind, a.FD)
				case s == nil:
					t.Errorf("%s: fd %d is not seen", a.Kind, a.FD)
				default:
					a.compare(t, source, want, s)
				}
			}
			for fd, s := range found {
				if fd > 2 && source != "gopsutil" {
					t.Errorf("fd %d, %s %v, was never opened", fd, s.Proto(), s.State)
				}
			}
			z.holders(t, source, snap)
		})
	}
}

// zooScanner returns a scanner for one way of looking, and which of the
// sources' answers are expected of it.
func zooScanner(t *testing.T, way string) (s *Scanner, source string) {
	switch way {
	case "sockdiag+duplicates":
		return scanner(t, "sockdiag", true), way
	case "sockdiag brief", "sockdiag again":
		return sparing(t, 0), "sockdiag"
	}
	return scanner(t, way, false), way
}

// alike reports whether several sockets of the kind have the same addresses,
// of which gopsutil leaves out all but one: UNIX sockets without a name, and
// descriptors of the same listener.
func alike(kind string) bool {
	return strings.HasPrefix(kind, "unix") || kind == "listen"
}

// compare holds what was found against the truth.
func (a *animal) compare(t *testing.T, source string, want expectation, s *socket.Socket) {
	t.Helper()
	if s.Presence != want.presence || s.Has(socket.HasState) && s.State != want.state && source != "gopsutil" ||
		source == "gopsutil" && s.IsTCP() && s.State != want.state {
		// Before vsock_diag and packets a state has no meaning: only presence counts.
		if s.Presence == want.presence && (a.Kind == "vsock" || a.Kind == "packet" || a.Kind == "raw") {
			return
		}
		t.Errorf("%s fd %d: %v, %v; want %v, %v", a.Kind, a.FD, s.State, s.Presence, want.state, want.presence)
	}
	if s.Inode != a.Inode && source != "gopsutil" { // which has none
		t.Errorf("%s fd %d: inode %d, want %d", a.Kind, a.FD, s.Inode, a.Inode)
	}
	// Under an MPTCP connection the text table and gopsutil see the subflow,
	// which has a cookie of its own.
	if s.Cookie != 0 && s.Cookie != a.Cookie {
		t.Errorf("%s fd %d: cookie %d, want %d", a.Kind, a.FD, s.Cookie, a.Cookie)
	}
	if s.Presence == socket.InTable && (s.IsTCP() || s.IsUDP()) {
		if s.Local != a.Local || s.Remote.IsValid() && s.Remote != a.Remote {
			t.Errorf("%s fd %d: %v to %v, want %v to %v", a.Kind, a.FD, s.Local, s.Remote, a.Local, a.Remote)
		}
	}
	if a.Peer != 0 && (source == "bpf" || source == "sockdiag") && s.UnixInfo.PeerInode != a.Peer {
		t.Errorf("%s fd %d: peer %d, want %d", a.Kind, a.FD, s.UnixInfo.PeerInode, a.Peer)
	}
}

// holders checks that a socket with two descriptors is one socket.
func (z *zoo) holders(t *testing.T, source string, snap *socket.Snapshot) {
	t.Helper()
	fds := map[uint64][]int32{}
	for _, a := range z.Animals {
		fds[a.Inode] = append(fds[a.Inode], a.FD)
	}
	for _, s := range snap.Sockets {
		var got []int32
		for _, h := range s.Holders {
			if h.FD > 2 {
				got = append(got, h.FD)
			}
		}
		slices.Sort(got)
		if want := fds[s.Inode]; source != "gopsutil" && !slices.Equal(got, want) {
			t.Errorf("inode %d is held as %v, want %v", s.Inode, got, want)
		}
	}
}
