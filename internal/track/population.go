package track

import (
	"math"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// Population is one kind of socket of one program: what is counted, compared
// and judged together. Destinations, ports and worker processes are no part
// of it: they are its breakdown. There are as many as there are programs, so
// that what is remembered by population is bounded by what runs.
type Population struct {
	Program  Program // zero for sockets that nobody holds
	Family   socket.Family
	Type     socket.Type
	Protocol socket.Protocol
	Role     Role
}

// Role is the part that a socket plays for the program that holds it.
type Role uint8

// The roles.
const (
	Other     Role = iota // neither: unconnected, datagram, not known
	Accepted              // came out of accept()
	Opened                // the program has connected it
	Listening             // waits for clients
)

// String returns the role in one word.
func (r Role) String() string {
	switch r {
	case Accepted:
		return "accepted"
	case Opened:
		return "opened"
	case Listening:
		return "listening"
	}
	return "other"
}

// PopulationOf returns the population of a socket that the process holds; p
// is nil where nobody does.
func PopulationOf(s *socket.Socket, p *socket.Process, l *socket.Listeners) Population {
	pop := Population{Family: s.Family, Type: s.Type, Protocol: s.Protocol, Role: RoleOf(s, l)}
	if pop.Family == socket.IPv6 { // a listener on both takes clients of either
		pop.Family = socket.IPv4
	}
	if pop.Protocol == socket.MPTCP { // falls back to TCP connection by connection
		pop.Protocol = socket.TCP
	}
	if p != nil {
		pop.Program = ProgramOf(p)
	}
	return pop
}

// RoleOf returns the part that the socket plays.
func RoleOf(s *socket.Socket, l *socket.Listeners) Role {
	switch {
	case s.State == socket.Listen:
		return Listening
	case s.Family == socket.Unix:
		return unixRole(s)
	case l.Accepted(s):
		return Accepted
	case s.Remote.IsValid():
		return Opened
	}
	return Other
}

// unixRole: what accept() returns bears the path of its listener
// (unix_stream_connect in net/unix/af_unix.c).
func unixRole(s *socket.Socket) Role {
	switch {
	case s.UnixInfo == nil || s.Type == socket.Dgram:
		return Other
	case s.UnixInfo.Path != "":
		return Accepted
	case s.UnixInfo.PeerInode != 0 || s.UnixInfo.PeerGone:
		return Opened
	}
	return Other
}

// Closings says which sockets of a population, in one state, the program has
// closed while it was looked at. Those that ended with their process are not
// counted: nobody has closed them.
type Closings struct {
	Count       int
	LongestIdle time.Duration // of those, the longest without progress when it was closed
	LongestIn   time.Duration // the longest in the state
}

// closingKey is a population in one state.
type closingKey struct {
	population Population
	state      socket.State
}

// Closings returns what the program has closed of a population in a state.
// Where there was no room to remember it, as much is assumed as acquits the
// others.
func (h *History) Closings(p Population, state socket.State) Closings {
	c, known := h.closings[closingKey{p, state}]
	if !known && h.closingsFull {
		return Closings{Count: 1, LongestIdle: math.MaxInt64 / 2, LongestIn: math.MaxInt64 / 2}
	}
	return c
}

// maxClosings bounds what is remembered: programs that start and end under
// ever new cgroups must not make it grow.
const maxClosings = 4096

// closed takes in that a socket has gone between the last two looks.
func (h *History) closed(k *Track) {
	if h.holderLives(k) {
		h.close(k.population, k.state, k.idle, k.age)
	}
}

// close counts a socket that its program has closed.
func (h *History) close(p Population, state socket.State, idle, in time.Duration) {
	key := closingKey{p, state}
	c, known := h.closings[key]
	if !known && len(h.closings) >= maxClosings && !h.closingsFull {
		h.forgetClosings()
		h.closingsFull = len(h.closings) >= maxClosings
	}
	if !known && h.closingsFull {
		return
	}
	c.Count++
	c.LongestIdle = max(c.LongestIdle, idle)
	c.LongestIn = max(c.LongestIn, in)
	h.closings[key] = c
}

// holderLives reports whether the process that held the socket is still there.
func (h *History) holderLives(k *Track) bool {
	return k.holder.PID != 0 && h.now.Process(k.holder) != nil
}

// FirstHolder is the process that held the socket when it was first seen, zero
// when nobody did.
func (k *Track) FirstHolder() socket.ProcessID { return k.firstHolder }

// maxOthers bounds how many processes are remembered of one socket.
const maxOthers = 4

// Others returns the processes that were seen to share the socket, four at
// most.
func (k *Track) Others() []socket.ProcessID { return k.others }

// noteHolders remembers who holds a socket that several processes share.
func (k *Track) noteHolders(s *socket.Socket) {
	for i := range s.Holders {
		id := s.Holders[i].Process
		if len(k.others) < maxOthers && (len(s.Holders) > 1 || id != k.firstHolder) && !slices.Contains(k.others, id) {
			k.others = append(k.others, id)
		}
	}
}
