package scan

import (
	"cmp"
	"context"
	"net/netip"
	"slices"

	"github.com/sockleak/sockleak/internal/scan/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
)

// The dump of the sockets without owner walks the whole hash table, which
// would make a look at 50 sockets depend on the size of the host. It is taken
// where the table, which all namespaces share, is small, or where so many have
// piled up that they matter.
const (
	smallTable    = 20000
	manyTimeWait  = 10000 // a third of the default ephemeral ports
	manyOrphans   = 1000
	closedByOwner = socket.States(1<<socket.TimeWait | 1<<socket.FinWait1 | 1<<socket.FinWait2 |
		1<<socket.LastAck | 1<<socket.Closing)
)

// orphanStates are the states in which the kernel still works on a connection
// that its program has closed: data or the FIN is not acknowledged.
const orphanStates = socket.States(1<<socket.FinWait1 | 1<<socket.Closing | 1<<socket.LastAck)

// maxOrphans bounds how many orphans of the targets' listeners become sockets
// of the snapshot, which are followed one by one; the rest is counted.
const maxOrphans = 1024

// ownerless counts the sockets of the namespace that no program holds.
func (sys *system) ownerless(ctx context.Context, ns namespace, facts *socket.Namespace, d *Draft) error {
	stat, err := sys.proc.SockStat(ns.pid)
	if err != nil || stat.TimeWait+stat.Orphan == 0 {
		return nil // nothing to count, or no way to know
	}
	if stat.Alloc+stat.TimeWait > smallTable && stat.TimeWait < manyTimeWait && stat.Orphan < manyOrphans {
		return nil
	}
	conn, err := sys.diag.forNetNS(ns.id, d.snap)
	if err != nil {
		return nil // the text tables are not worth their cost for a note
	}
	counts := map[socket.Ownerless]int{}
	low := max(facts.EphemeralLow, 1024)
	listening := targetPorts(d, ns.id)
	orphans := 0
	err = conn.TCP(ctx, sockdiag.Filter{States: closedByOwner}, func(s *socket.Socket) error {
		if s.Inode == 0 && orphanStates.Has(s.State) && orphans < maxOrphans && listening[s.Local.Port()] {
			d.Unheld(s)
			orphans++
		} else if s.Inode == 0 {
			counts[ownerlessKey(s, s.Local.Port() < low || listening[s.Local.Port()])]++
		}
		return ctx.Err()
	})
	for key, n := range counts {
		key.Count = n
		facts.Ownerless = append(facts.Ownerless, key)
	}
	slices.SortFunc(facts.Ownerless, func(a, b socket.Ownerless) int {
		return cmp.Or(cmp.Compare(a.State, b.State), a.Local.Compare(b.Local), a.Remote.Compare(b.Remote))
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	d.tableGap("ownerless tcp", err)
	return nil
}

// targetPorts are the ports on which the draft's processes listen.
func targetPorts(d *Draft, netns uint64) map[uint16]bool {
	ports := map[uint16]bool{}
	for _, s := range d.snap.Sockets {
		if s.State == socket.Listen && s.IsTCP() && s.NetNS == netns {
			ports[s.Local.Port()] = true
		}
	}
	return ports
}

// ownerlessKey says with which others a socket is counted: with those of its
// own port where that is a server's, else with those to its destination.
func ownerlessKey(s *socket.Socket, server bool) socket.Ownerless {
	local, remote := s.Local, s.Remote
	if server {
		remote = netip.AddrPortFrom(remote.Addr(), 0)
	} else {
		local = netip.AddrPortFrom(local.Addr(), 0)
	}
	return socket.Ownerless{State: s.State, Local: local, Remote: remote}
}
