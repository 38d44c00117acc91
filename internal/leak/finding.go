package leak

import (
	"net/netip"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// Finding is one cause: the sockets of one population that one rule explains.
type Finding struct {
	Rule  string // Rule.ID
	Level Level
	// Pattern is the ID of the rule whose pattern found the sockets; Rule names
	// what most of them show, which may differ from run to run. It is "" for
	// what is no group of sockets.
	Pattern   string
	Process   socket.ProcessID   // that holds most of them; zero when no process owns the sockets
	Processes []socket.ProcessID // all that hold some, those with most first
	Role      track.Role
	Local     netip.AddrPort   // of accepted sockets and listeners on one port; zero otherwise
	Remote    netip.AddrPort   // where all sockets go to the same place; zero otherwise
	Sockets   []*socket.Socket // oldest first where the age is known
	Summary   string           // what the process does, such as "holds 3 sockets that 10.0.0.5:5432 closed"
	Evidence  []string         // each in words and numbers
	Unknown   []string         // what is not known, and would tell a leak from its look-alikes
	Age       track.Age        // of the oldest socket, in its state
	Trend     track.Trend      // of the sockets it names; zero when it was not followed
	Watched   string           // who waits for the sockets; "" when nobody looked
	Matters   string           // what it leads to; "" when nothing is known
	Fix       string           // Remedy for the process's runtime
	Location  *Location        // the line of code to look at; nil when it is not known
}

// Location is a place in source code.
type Location struct {
	File string // relative to the root of the sources where that is known
	Line int    // from 1; 0 when only the file is known
}

// Peers returns the distinct remote addresses with their number of sockets,
// the most frequent first, at most limit, and how many more there are.
func (f *Finding) Peers(limit int) (peers []PeerCount, more int) {
	return countPeers(f.Sockets, limit)
}

// PeerCount is a remote address and its number of sockets.
type PeerCount struct {
	Addr  netip.AddrPort
	Count int
}

// finding begins a finding about the group, whose sockets are sorted.
func (c *Case) finding(g *Group, level Level) Finding {
	f := Finding{Level: level, Sockets: g.Sockets, Role: g.Role, Age: c.Age(g.Sockets[0]), Trend: c.trendOf(g),
		Watched: c.watched(g.Sockets)}
	f.Processes = c.processesOf(g.Sockets)
	if len(f.Processes) > 0 {
		f.Process = f.Processes[0]
	}
	f.Local, f.Remote = placeOfAll(g.Sockets, g.Role)
	f.Matters = c.matters(&f)
	f.Location = f.OpenedAt()
	return f
}

// placeOfAll returns where all of the sockets belong: the port of what was
// accepted or listens, the destination of the rest; zero where they differ.
func placeOfAll(list []*socket.Socket, role track.Role) (local, remote netip.AddrPort) {
	local, remote = list[0].Local, list[0].Remote
	oneLocal, oneRemote := local.Port() != 0, remote.IsValid()
	for _, s := range list[1:] {
		oneLocal = oneLocal && s.Local.Port() == local.Port()
		if s.Local.Addr() != local.Addr() {
			local = netip.AddrPortFrom(netip.IPv6Unspecified(), local.Port()) // several addresses, one port
		}
		oneRemote = oneRemote && s.Remote == remote
	}
	served := role == track.Accepted || role == track.Listening
	if !served || !oneLocal {
		local = netip.AddrPort{}
	}
	if served || !oneRemote {
		remote = netip.AddrPort{}
	}
	return local, remote
}
