package scan

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sockleak/sockleak/internal/scan/source/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
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
// what is expected.
func explained(source, kind string, want expectation) expectation {
	inNoTable := expectation{socket.Close, socket.NotInTable}
	switch {
	case source == "bpf":
		return want
	case source == "sockdiag+duplicates":
		return want
	case source == "gopsutil" && strings.HasPrefix(kind, "unix "):
		return expectation{socket.StateUnknown, socket.InTable} // it gives no state of UNIX sockets
	case source == "gopsutil" && slices.Contains([]string{"new", "reset", "failed", "bound", "udp new", "netlink", "netlink bound"}, kind):
		return expectation{socket.StateUnknown, socket.PresenceUnknown} // what it does not read the tables of proves nothing
	case kind == "new" || kind == "reset" || kind == "failed":
		return inNoTable // the tables have nothing that tells these apart
	case kind == "bound" && (source == "procfs" || !dumps((*sockdiag.Conn).BoundInactive)):
		return inNoTable // the text table has no bound sockets, netlink has them since 6.8
	case kind == "netlink":
		// The table has only bound netlink sockets, and a missing one is
		// known to be unbound by that.
		return expectation{socket.Close, socket.Unattached}
	case kind == "vsock" && (source == "procfs" || !dumps((*sockdiag.Conn).Vsock)):
		return expectation{0, socket.NotDumpable}
	}
	return want
}

// dumps reports whether sock_diag of this kernel has a table.
func dumps(table func(*sockdiag.Conn, context.Context, func(*socket.Socket) error) error) bool {
	c, err := sockdiag.Open()
	testkit.Must(err)
	defer c.Close()
	return table(c, context.Background(), func(*socket.Socket) error { return nil }) == nil
}

// All sources give the same answer about several hundred sockets of all kinds,
// but for the differences above.
func TestSourcesAgree(t *testing.T) {
	var z zoo
	child := testkit.Spawn(t, &z, nil, "zoo")
	if len(z.Animals) < 300 {
		t.Fatalf("only %d sockets", len(z.Animals))
	}
	for _, way := range []string{"bpf", "sockdiag", "sockdiag+duplicates", "sockdiag brief", "sockdiag again", "procfs", "gopsutil"} {
		t.Run(way, func(t *testing.T) {
			s, source := zooScanner(t, way)
			snap := lookAt(t, s, child.PID)
			if way == "sockdiag again" { // with what the first look has found out
				snap = lookAt(t, s, child.PID)
				var known int
				if _, err := fmt.Sscanf(how(snap), "%d TCP sockets by exact look-ups", &known); err != nil || known < 200 {
					t.Errorf("few sockets are known: %s", how(snap))
				}
			}
			found := byFD(t, snap, child.PID)
			for i := range z.Animals {
				a := &z.Animals[i]
				s := found[a.FD]
				delete(found, a.FD)
				if s == nil {
					t.Errorf("%s: fd %d is not seen", a.Kind, a.FD)
					continue
				}
				a.compare(t, source, explained(source, a.Kind, truths()[a.Kind]), s)
			}
			for fd, s := range found {
				if fd > 2 {
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

// compare holds what was found against the truth.
func (a *animal) compare(t *testing.T, source string, want expectation, s *socket.Socket) {
	t.Helper()
	if s.Presence != want.presence || want.state != socket.StateUnknown && s.Has(socket.HasState) && s.State != want.state {
		// Before vsock_diag and packets a state has no meaning: only presence counts.
		if s.Presence == want.presence && (a.Kind == "vsock" || a.Kind == "packet" || a.Kind == "raw") {
			return
		}
		t.Errorf("%s fd %d: %v, %v; want %v, %v", a.Kind, a.FD, s.State, s.Presence, want.state, want.presence)
	}
	if s.Inode != a.Inode {
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
		if want := fds[s.Inode]; !slices.Equal(got, want) {
			t.Errorf("inode %d is held as %v, want %v", s.Inode, got, want)
		}
	}
}
