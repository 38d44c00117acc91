package source

import (
	"hash/maphash"
	"net/netip"

	"github.com/sockleak/sockleak/internal/socket"
)

// Taker returns a function that merges rows of the tables of one namespace:
// into the sockets that the processes hold, or, where no descriptor refers to a
// connection yet, as candidates for the accept queue of one of their listeners.
// The kernel gives listeners before connections, so that what waits for the
// listeners of others need not be kept.
func (b *Builder) Taker() func(*socket.Socket) {
	ports := map[uint16]bool{}
	return func(s *socket.Socket) {
		switch {
		case s.Inode != 0:
			if b.Fill(s) && s.State == socket.Listen && s.IsTCP() {
				ports[s.Local.Port()] = true
			}
		case ports[s.Local.Port()]:
			b.Queue(s)
		}
	}
}

// Queue keeps a socket without inode that may wait in an accept queue: the
// handshake is done and accept() was not called, in a state that only a
// connection with a program behind it can have. Whose it is is known when the
// listeners are (AssignQueued). Of an MPTCP connection the subflow waits; its
// MPTCP socket, which is in a table too, is not another one.
func (b *Builder) Queue(s *socket.Socket) {
	if s.Protocol == socket.MPTCP {
		return
	}
	if s.State == socket.Established || s.State == socket.CloseWait {
		b.queued = append(b.queued, *s)
	}
}

// Queued returns what may wait in accept queues, in the order of Queue. Only
// Refine may change it.
func (b *Builder) Queued() []socket.Socket { return b.queued }

// Unqueue forgets all but the first n of them.
func (b *Builder) Unqueue(n int) { b.queued = b.queued[:n] }

// AssignQueued gives the sockets that wait in accept queues to the listeners
// with the same local port, and forgets those of other programs, and those that
// were accepted during the look and have a descriptor by now.
func (b *Builder) AssignQueued() {
	if len(b.queued) == 0 {
		return
	}
	type place struct {
		netns uint64
		port  uint16
	}
	listeners := map[place]*socket.Socket{}
	for _, s := range b.snap.Sockets {
		if s.State == socket.Listen && s.IsTCP() {
			listeners[place{s.NetNS, s.Local.Port()}] = s
		}
	}
	held := b.Connections()
	for i := range b.queued {
		s := &b.queued[i]
		if held.Has(s) {
			continue
		}
		if s.Listener != 0 { // the source knows
			b.Unheld(s)
			continue
		}
		if l := listeners[place{s.NetNS, s.Local.Port()}]; l != nil {
			s.Listener = l.Inode
			b.Unheld(s)
		}
	}
	b.queued = nil
}

// Connections is a set of TCP connections, as one of their ends sees them: a
// seeded hash of each, since 200,000 names would take 20 MiB.
type Connections struct {
	seed   maphash.Seed
	hashes map[uint64]struct{}
}

// Connections returns the TCP connections of all sockets so far. What a program
// closes while the look lasts must not come again as nobody's.
func (b *Builder) Connections() Connections {
	c := Connections{maphash.MakeSeed(), make(map[uint64]struct{}, len(b.snap.Sockets))}
	for _, s := range b.snap.Sockets {
		if s.IsTCP() && s.Remote.IsValid() {
			c.hashes[c.hash(s)] = struct{}{}
		}
	}
	return c
}

// Has reports whether the socket's connection is one of them.
func (c Connections) Has(s *socket.Socket) bool {
	_, ok := c.hashes[c.hash(s)]
	return ok
}

func (c Connections) hash(s *socket.Socket) uint64 {
	type name struct {
		netns         uint64
		local, remote netip.AddrPort
	}
	return maphash.Comparable(c.seed, name{s.NetNS, s.Local, s.Remote})
}
