package scan

import (
	"context"
	"net"
	"net/netip"

	"github.com/sockleak/sockleak/internal/scan/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
)

// maxPeers bounds how many other ends are looked up: a sample of the suspects
// is enough to tell what became of their peers.
const maxPeers = 512

// peers looks for the other ends of suspicious connections on this machine,
// and names the processes that hold them, and those that share the suspicious
// sockets themselves.
func (sys *system) peers(ctx context.Context, snap *socket.Snapshot) error {
	byNetNS := map[uint64][]*socket.Socket{}
	for _, s := range sample(snap.Sockets, maxPeers) {
		byNetNS[s.NetNS] = append(byNetNS[s.NetNS], s)
	}
	wanted := wantedHolders{}
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
			if unsettled(s) {
				wanted.addPeer(s.Peer)
			}
		}
	}
	for _, s := range snap.Sockets {
		if s.Family == socket.Unix && suspicious(s) && s.UnixInfo != nil && s.UnixInfo.PeerInode != 0 &&
			unsettled(s) && len(wanted) < maxPeers {
			s.Peer = &socket.Peer{State: s.State, Inode: s.UnixInfo.PeerInode}
			wanted.addPeer(s.Peer)
		}
	}
	wanted.inSnapshot(snap)
	for _, s := range snap.Sockets {
		if mayBeShared(s) && len(wanted) < 2*maxPeers {
			wanted[s.Inode] = append(wanted[s.Inode], &s.Holders)
		}
	}
	return sys.findHolders(ctx, snap, wanted)
}

// sample picks at most limit connected TCP sockets that are worth a look-up,
// spread evenly over the list.
func sample(list []*socket.Socket, limit int) []*socket.Socket {
	worth := func(s *socket.Socket) bool {
		return s.IsTCP() && s.Remote.IsValid() && s.State != socket.SynSent && suspicious(s)
	}
	n := 0
	for _, s := range list {
		if worth(s) {
			n++
		}
	}
	step := max(1, (n+limit-1)/limit)
	kept := make([]*socket.Socket, 0, min(n, limit))
	i := 0
	for _, s := range list {
		if !worth(s) {
			continue
		}
		if i%step == 0 {
			kept = append(kept, s)
		}
		i++
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
