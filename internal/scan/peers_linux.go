package scan

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"slices"

	"github.com/sockleak/sockleak/internal/scan/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
)

// maxPeers bounds how many other ends are looked up: a sample of the suspects
// is enough to tell what became of their peers.
const maxPeers = 512

// peers looks for the other ends of suspicious connections on this machine,
// and names the processes that hold them.
func (sys *system) peers(ctx context.Context, snap *socket.Snapshot) error {
	byNetNS := map[uint64][]*socket.Socket{}
	for _, s := range sample(snap.Sockets, maxPeers) {
		byNetNS[s.NetNS] = append(byNetNS[s.NetNS], s)
	}
	var held []*socket.Socket
	for netns, list := range byNetNS {
		conn, err := sys.diag.forNetNS(netns, snap)
		if err != nil {
			continue // the other ends stay unknown
		}
		local := localAddrs(netns == sys.diag.ownNetNS())
		if err := lookUpPeers(ctx, conn, list, local); err != nil && ctx.Err() != nil {
			return ctx.Err()
		}
		for _, s := range list {
			if s.Peer.Held() && unsettled(s) {
				held = append(held, s)
			}
		}
	}
	return sys.namePeers(snap, held)
}

// sample picks at most limit connected TCP sockets that are worth a look-up,
// spread evenly over the list.
func sample(list []*socket.Socket, limit int) []*socket.Socket {
	var all []*socket.Socket
	for _, s := range list {
		if s.IsTCP() && s.Remote.IsValid() && s.State != socket.SynSent && suspicious(s) {
			all = append(all, s)
		}
	}
	if len(all) <= limit {
		return all
	}
	step := (len(all) + limit - 1) / limit
	kept := all[:0]
	for i := 0; i < len(all); i += step {
		kept = append(kept, all[i])
	}
	return kept
}

// lookUpPeers asks for the sockets with the addresses swapped.
func lookUpPeers(ctx context.Context, conn *sockdiag.Conn, list []*socket.Socket, local func(netip.Addr) bool) error {
	tuples := make([]sockdiag.Tuple, len(list))
	for i, s := range list {
		tuples[i] = sockdiag.Tuple{Local: s.Remote, Remote: s.Local}
	}
	err := conn.Lookup(ctx, tuples, func(i int, p *socket.Socket) error {
		list[i].Peer = &socket.Peer{State: p.State, Inode: p.Inode, RecvQ: p.RecvQ, SendQ: p.SendQ, Timer: p.Timer}
		return nil
	})
	if err != nil {
		return err
	}
	for _, s := range list {
		if s.Peer == nil && local(s.Remote.Addr()) {
			s.Peer = &socket.Peer{Gone: true}
		}
	}
	return nil
}

// localAddrs returns a test for addresses of this machine. Of other
// namespaces only the loopback addresses are known.
func localAddrs(own bool) func(netip.Addr) bool {
	known := map[netip.Addr]bool{}
	if list, err := net.InterfaceAddrs(); own && err == nil {
		for _, a := range list {
			if p, err := netip.ParsePrefix(a.String()); err == nil {
				known[p.Addr().Unmap()] = true
			}
		}
	}
	return func(a netip.Addr) bool { return a.IsLoopback() || known[a] }
}

// unsettled reports whether it matters who holds the other end: where one side
// has closed, or data waits. Of healthy connections it is not worth reading
// the descriptors of other processes.
func unsettled(s *socket.Socket) bool {
	return s.State != socket.Established || s.RecvQ > 0 || s.SendQ > 0
}

// maxPeerFDs bounds how many descriptors of other processes are read to find
// out who holds the other ends, so that the cost of a look does not grow with
// the host. A name that was not found is left out of the report.
const maxPeerFDs = 20000

// candidates returns the processes outside the snapshot that may hold other
// ends, those with the fewest descriptors first, as far as maxPeerFDs goes.
func (sys *system) candidates(snap *socket.Snapshot) ([]int, error) {
	pids, err := sys.proc.PIDs()
	if err != nil {
		return nil, err
	}
	size := make(map[int]int, len(pids))
	pids = slices.DeleteFunc(pids, func(pid int) bool {
		size[pid] = sys.proc.CountFDs(pid)
		return snap.HasPID(pid)
	})
	slices.SortStableFunc(pids, func(a, b int) int { return cmp.Compare(size[a], size[b]) })
	sum := 0
	for i, pid := range pids {
		if sum += max(size[pid], 1); sum > maxPeerFDs {
			return pids[:i], nil
		}
	}
	return pids, nil
}

// namePeers finds the processes that hold the other ends, the ones of the
// snapshot first, and adds to it those that were not in it.
func (sys *system) namePeers(snap *socket.Snapshot, held []*socket.Socket) error {
	wanted := map[uint64][]*socket.Peer{}
	for _, s := range held {
		wanted[s.Peer.Inode] = append(wanted[s.Peer.Inode], s.Peer)
	}
	for _, s := range snap.Sockets {
		for _, p := range wanted[s.Inode] {
			p.Holders = s.Holders
		}
		if len(s.Holders) > 0 {
			delete(wanted, s.Inode)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	pids, err := sys.candidates(snap)
	if err != nil {
		return err
	}
	for _, pid := range pids {
		if len(wanted) == 0 {
			break
		}
		var found []socket.Holder
		var inodes []uint64
		// An error means that the process is gone or may not be read.
		_, _ = sys.proc.SocketFDs(pid, func(fd int32, inode uint64) {
			if wanted[inode] != nil {
				found = append(found, socket.Holder{FD: fd})
				inodes = append(inodes, inode)
			}
		})
		if len(found) == 0 {
			continue
		}
		p, err := sys.process(pid)
		if err != nil {
			continue
		}
		snap.Processes = append(snap.Processes, p)
		for i, h := range found {
			h.Process = p.ID
			for _, peer := range wanted[inodes[i]] {
				peer.Holders = append(peer.Holders, h)
			}
		}
		for _, inode := range inodes {
			delete(wanted, inode)
		}
	}
	slices.SortFunc(snap.Processes, byPID)
	return nil
}
