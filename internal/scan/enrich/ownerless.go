//go:build linux

package enrich

import (
	"cmp"
	"context"
	"net/netip"
	"slices"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/scan/netns"
	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/scan/source/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
)

// A dump of the sockets without owner walks the whole hash table, which would
// make a look at 50 sockets depend on the size of the host. It is taken where
// the table, which all namespaces share, is small, or where so many have piled
// up that they matter.
const (
	smallTable   = 20000
	manyTimeWait = 10000 // a third of the default ephemeral ports
	manyOrphans  = 1000
)

// worth reports whether the sockets without owner are worth a dump.
func worth(stat proc.SockStat) bool {
	return stat.Alloc+stat.TimeWait <= smallTable || stat.TimeWait >= manyTimeWait || stat.Orphan >= manyOrphans
}

// orphanStates are the states in which the kernel still works on a connection
// that its program has closed: data or the FIN is not acknowledged.
const orphanStates = socket.States(1<<socket.FinWait1 | 1<<socket.Closing | 1<<socket.LastAck)

// maxOrphans bounds how many orphans of the targets' listeners become sockets
// of the snapshot, which are followed one by one; the rest is counted.
const maxOrphans = 1024

// ownerless counts the sockets of namespace i that no program holds: their
// number, which costs nothing, and those of the targets' places by place.
func (e *Enricher) ownerless(ctx context.Context, ns netns.Namespace, i int, b *source.Builder) error {
	stat, err := e.fs.SockStat(ns.PID)
	if err != nil {
		return nil // no way to know
	}
	facts := b.Namespaces()[i]
	facts.TimeWait, facts.Orphans = stat.TimeWait, stat.Orphan
	at := placesOf(b, ns.ID, max(facts.EphemeralLow, 1024))
	if low, high := int(facts.EphemeralLow), int(facts.EphemeralHigh); low > 0 {
		at.pressed = 2*stat.TimeWait >= high-low
	}
	counts := map[socket.Ownerless]int{}
	if worth(stat) {
		var orphan func(*socket.Socket)
		if stat.Orphan > 0 && !at.none() {
			orphan = orphans(b, at, counts)
		}
		if orphan != nil && (stat.TimeWait > manyTimeWait || !e.timeWaitDue(ns, b)) {
			err = e.dumpOrphans(ctx, ns, at, orphan)
			orphan = nil
		}
		if stat.TimeWait+stat.Orphan > 0 && err == nil {
			err = e.timeWaits(ctx, ns, b, at, counts, orphan)
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	sockdiag.TableGap(b, "ownerless tcp", err)
	facts.Ownerless = listed(counts)
	b.Namespace(i, facts)
	return nil
}

// listed returns the counts in a total order.
func listed(counts map[socket.Ownerless]int) []socket.Ownerless {
	var list []socket.Ownerless
	for key, n := range counts {
		key.Count = n
		list = append(list, key)
	}
	slices.SortFunc(list, func(a, b socket.Ownerless) int {
		return cmp.Or(cmp.Compare(a.State, b.State), a.Local.Compare(b.Local), a.Remote.Compare(b.Remote))
	})
	return list
}

// dumpOrphans asks for orphans alone: where TIME_WAIT is not dumped, or so much
// of it that its dump may be left early.
func (e *Enricher) dumpOrphans(ctx context.Context, ns netns.Namespace, at *places, orphan func(*socket.Socket)) error {
	conn, err := e.conns.In(ns)
	if err != nil {
		return nil // the text tables are not worth their cost for a note
	}
	return conn.TCP(ctx, at.filter(orphanStates), func(s *socket.Socket) error {
		orphan(s)
		return ctx.Err()
	})
}

// orphans returns a function that takes in those of the targets' listeners one
// by one, and counts the others of the targets' places.
func orphans(b *source.Builder, at *places, counts map[socket.Ownerless]int) func(*socket.Socket) {
	var held *source.Connections
	taken := 0
	return func(s *socket.Socket) {
		if s.Inode != 0 || !at.has(s) {
			return
		}
		if held == nil {
			now := b.Connections()
			held = &now
		}
		switch {
		case held.Has(s): // it was closed during the look
		case taken < maxOrphans && at.listening[s.Local.Port()]:
			b.Unheld(s)
			taken++
		default:
			counts[at.key(s)]++
		}
	}
}

// places are the ports on which the targets listen, and the destinations that
// they connect to, in one network namespace.
type places struct {
	netns     uint64
	low       uint16 // the first ephemeral port
	listening map[uint16]bool
	remotes   map[netip.AddrPort]bool
	// pressed is true when connections in TIME_WAIT could take half of the
	// ephemeral ports: then every destination counts, since a target may be
	// connected for a moment only, or not get a port at all.
	pressed bool
}

// placesOf returns the places of the builder's processes.
func placesOf(b *source.Builder, netns uint64, low uint16) *places {
	at := &places{netns: netns, low: low, listening: map[uint16]bool{}, remotes: map[netip.AddrPort]bool{}}
	for _, s := range b.Sockets() {
		if s.State == socket.Listen && s.IsTCP() && s.NetNS == netns {
			at.listening[s.Local.Port()] = true
		}
	}
	for _, s := range b.Sockets() {
		if s.IsTCP() && s.NetNS == netns && s.Remote.IsValid() && !at.listening[s.Local.Port()] && len(at.remotes) < maxRemotes {
			at.remotes[s.Remote] = true
		}
	}
	return at
}

// maxRemotes bounds how many destinations are looked for.
const maxRemotes = 4096

func (at *places) none() bool { return len(at.listening)+len(at.remotes) == 0 && !at.pressed }

func (at *places) has(s *socket.Socket) bool {
	return at.listening[s.Local.Port()] || at.remotes[s.Remote] || at.pressed && s.Local.Port() >= at.low
}

// filter has the kernel leave out most of what has another port.
func (at *places) filter(states socket.States) sockdiag.Filter {
	f := sockdiag.Filter{States: states}
	if at.pressed {
		return f
	}
	for port := range at.listening {
		f.LocalPorts = append(f.LocalPorts, port)
	}
	for remote := range at.remotes {
		f.RemotePorts = append(f.RemotePorts, remote.Port())
	}
	const most = 1024 // more of them leave hardly anything out
	if len(f.LocalPorts)+len(f.RemotePorts) > most {
		f.LocalPorts, f.RemotePorts = nil, nil
	}
	return f
}

// key says with which others a socket is counted: with those of its own port
// where that is a server's, else with those to its destination.
func (at *places) key(s *socket.Socket) socket.Ownerless {
	local, remote := s.Local, s.Remote
	if local.Port() < at.low || at.listening[local.Port()] {
		remote = netip.AddrPortFrom(remote.Addr(), 0)
	} else {
		local = netip.AddrPortFrom(local.Addr(), 0)
	}
	return socket.Ownerless{State: s.State, Local: local, Remote: remote}
}
