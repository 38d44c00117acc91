package scan

import (
	"context"
	"net"
	"net/netip"
	"sync"

	"github.com/sockleak/sockleak/internal/scan/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
)

// maxPeers bounds how many other ends are looked up: a sample of the suspects
// is enough to tell what became of their peers.
const maxPeers = 512

// peers looks for the other ends of suspicious connections on this machine,
// and names the processes that hold them, and those that share the suspicious
// sockets themselves.
func (sys *system) peers(ctx context.Context, snap *socket.Snapshot, worth *peerLists) error {
	byNetNS := map[uint64][]*socket.Socket{}
	for _, s := range worth.connected.list {
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
	for _, s := range worth.unix[:min(len(worth.unix), maxPeers-min(len(wanted), maxPeers))] {
		s.Peer = &socket.Peer{State: s.State, Inode: s.UnixInfo.PeerInode}
		wanted.addPeer(s.Peer)
	}
	wanted.inSnapshot(snap)
	for _, s := range worth.shared[:min(len(worth.shared), 2*maxPeers-min(len(wanted), 2*maxPeers))] {
		wanted[s.Inode] = append(wanted[s.Inode], &s.Holders)
	}
	return sys.findHolders(ctx, snap, wanted)
}

// peerLists are the sockets of which more is to be known.
type peerLists struct {
	connected sample           // TCP connections: what is at their other end
	unix      []*socket.Socket // UNIX sockets: the same
	shared    []*socket.Socket // those that other processes may hold
}

// add takes in a suspicious socket.
func (l *peerLists) add(s *socket.Socket) {
	switch {
	case s.Family == socket.Unix && s.UnixInfo != nil && s.UnixInfo.PeerInode != 0 && unsettled(s):
		l.unix = append(l.unix, s)
	case s.IsTCP() && s.Remote.IsValid() && s.State != socket.SynSent:
		l.connected.add(s)
	}
	if mayBeShared(s) {
		l.shared = append(l.shared, s)
	}
}

// merge adds those that follow.
func (l *peerLists) merge(next peerLists) {
	l.connected.merge(next.connected)
	l.unix = append(l.unix, next.unix...)
	l.shared = append(l.shared, next.shared...)
}

// sample is at most maxPeers of the sockets that were added, spread evenly
// over them.
type sample struct {
	list   []*socket.Socket
	halved int // so often: one of 1<<halved is kept
	added  int
}

// keeps reports whether the next socket is one of those to keep.
func (k *sample) keeps() bool { return k.added%(1<<k.halved) == 0 }

func (k *sample) add(s *socket.Socket) {
	if k.keeps() && len(k.list) == maxPeers {
		k.halve()
	}
	if k.keeps() {
		k.list = append(k.list, s)
	}
	k.added++
}

// halve keeps every second one, from now on too.
func (k *sample) halve() {
	half := k.list[:0]
	for i := 0; i < len(k.list); i += 2 {
		half = append(half, k.list[i])
	}
	k.list, k.halved = half, k.halved+1
}

// merge adds a sample of those that follow.
func (k *sample) merge(next sample) {
	for k.halved < next.halved {
		k.halve()
	}
	for next.halved < k.halved {
		next.halve()
	}
	k.list = append(k.list, next.list...)
	k.added += next.added
	for len(k.list) > maxPeers {
		k.halve()
	}
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
	known := sync.OnceValue(interfaceAddrs)
	return func(a netip.Addr) bool { return a.IsLoopback() || own && known()[a] }
}

// interfaceAddrs returns the addresses of the scanner's network namespace.
func interfaceAddrs() map[netip.Addr]bool {
	addrs := map[netip.Addr]bool{}
	list, _ := net.InterfaceAddrs() // without them other ends stay unknown
	for _, a := range list {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			addrs[p.Addr().Unmap()] = true
		}
	}
	return addrs
}

// unsettled reports whether it matters who holds the other end: where one side
// has closed, or data waits. Of healthy connections it is not worth reading
// the descriptors of other processes.
func unsettled(s *socket.Socket) bool {
	return s.State != socket.Established || s.RecvQ > 0 || s.SendQ > 0
}
