package leak

import (
	"net/netip"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// Finding is one cause at one place: the sockets of one process, in one
// group, that one rule explains.
type Finding struct {
	Rule     string // Rule.ID
	Level    Level
	Process  socket.ProcessID // zero when no process owns the sockets
	Local    netip.AddrPort   // of accepted sockets and listeners; zero otherwise
	Remote   netip.AddrPort   // where all sockets go to the same place; zero otherwise
	Sockets  []*socket.Socket // oldest first where the age is known
	Summary  string           // what the process does, such as "holds 3 sockets that 10.0.0.5:5432 closed"
	Evidence []string         // each in words and numbers
	Age      track.Age        // of the oldest socket, in its state
	Trend    track.Trend      // of the group's size; zero when it was not followed
	Watched  string           // who waits for the sockets; "" when nobody looked
	Matters  string           // what it leads to; "" when nothing is known
	Fix      string           // Remedy for the process's runtime
	Location *Location        // the line of code to look at; nil when it is not known
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
