//go:build linux

package enrich

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"

	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/scan/source/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
)

// peers looks for the other ends of the sockets on this machine, as far as
// maxPeers goes.
func (e *Enricher) peers(ctx context.Context, snap *socket.Snapshot, asked []*socket.Socket) error {
	if more := len(asked) - maxPeers; more > 0 {
		addGap(snap, socket.Gap{Where: "the other ends of some connections", Count: more,
			Why:  fmt.Sprintf("at most %d are looked up", maxPeers),
			Hint: "select fewer processes, or a port"})
		asked = asked[:maxPeers]
	}
	e.unixPeers(snap, asked)
	var order []uint64
	byNetNS := map[uint64][]*socket.Socket{}
	for _, s := range asked {
		if !s.IsTCP() || !hasOtherEnd(s) {
			continue
		}
		if byNetNS[s.NetNS] == nil {
			order = append(order, s.NetNS)
		}
		byNetNS[s.NetNS] = append(byNetNS[s.NetNS], s)
	}
	for _, netns := range order {
		conn, err := e.conns.Of(netns, snap.Processes)
		if err == nil {
			err = e.tcpPeers(ctx, conn, byNetNS[netns], snap)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil { // the other ends stay unknown
			addUnknownEnds(snap, netns, len(byNetNS[netns]), err)
		}
	}
	return nil
}

// addUnknownEnds adds the gap that nothing could be asked about so many
// connections, unless the source has said already that it could not enter the
// namespace, and so what it lacks.
func addUnknownEnds(snap *socket.Snapshot, netns uint64, count int, err error) {
	where := "network namespace " + strconv.FormatUint(netns, 10)
	gap := socket.Gap{Where: "the other ends of connections in " + where, Why: source.Reason(err), Count: count}
	if errors.Is(err, fs.ErrPermission) {
		if slices.ContainsFunc(snap.Gaps, func(g socket.Gap) bool { return g.Where == "ages and peers of sockets in "+where }) {
			return
		}
		gap.Hint = "entering it needs CAP_SYS_ADMIN"
	}
	addGap(snap, gap)
}

// unixPeers notes the other ends of UNIX sockets, which the sockets themselves
// name; of those that are in the snapshot it is known what they are.
func (e *Enricher) unixPeers(snap *socket.Snapshot, asked []*socket.Socket) {
	named := map[uint64][]*socket.Socket{}
	for _, s := range asked {
		if s.Family == socket.Unix && hasOtherEnd(s) {
			s.Peer = &socket.Peer{State: s.State, Inode: s.UnixInfo.PeerInode}
			named[s.UnixInfo.PeerInode] = append(named[s.UnixInfo.PeerInode], s)
		}
	}
	if len(named) == 0 {
		return
	}
	for _, p := range snap.Sockets {
		for _, s := range named[p.Inode] {
			s.Peer.State, s.Peer.RecvQ, s.Peer.SendQ = p.State, p.RecvQ, p.SendQ
		}
	}
}

// tcpPeers asks for the sockets with the addresses swapped. One that is not
// there is gone only where it is certain that it would be.
func (e *Enricher) tcpPeers(ctx context.Context, conn *sockdiag.Conn, list []*socket.Socket, snap *socket.Snapshot) error {
	missing, err := lookUpPeers(ctx, conn, list, 0)
	if err != nil {
		return err
	}
	here := e.addresses(conn.NetNS(), snap)
	missing = those(missing, func(s *socket.Socket) bool { return here.has(s.Remote.Addr()) })
	// A socket that is bound to an interface is found only by that: between two
	// local addresses it can be the loopback one, or one that both are bound to.
	for _, device := range []uint32{loopbackDevice, anyBound} {
		if device == anyBound && !slices.ContainsFunc(missing, func(s *socket.Socket) bool { return s.Device > loopbackDevice }) {
			continue
		}
		if missing, err = lookUpPeers(ctx, conn, missing, device); err != nil {
			return err
		}
	}
	if missing, err = stillThere(ctx, conn, missing); err != nil {
		return err
	}
	if here.nat.LeavesLoopback {
		return nil
	}
	if here.nat.Translates {
		if missing, err = closedLoopback(ctx, conn, missing); err != nil {
			return err
		}
	}
	for _, s := range missing {
		s.Peer = &socket.Peer{Gone: true}
	}
	return nil
}

// ownNetNS returns the scanner's own namespace; 0 when it is not known.
func (e *Enricher) ownNetNS() uint64 {
	if c, err := e.conns.Own(); err == nil {
		return c.NetNS()
	}
	return 0
}

const (
	loopbackDevice = 1          // LOOPBACK_IFINDEX, include/net/flow.h
	anyBound       = ^uint32(0) // the one that the socket itself is bound to
)

// lookUpPeers looks the other ends up, bound to the interface or to none, and
// returns the sockets that have no such other end.
func lookUpPeers(ctx context.Context, conn *sockdiag.Conn, list []*socket.Socket, device uint32) ([]*socket.Socket, error) {
	tuples := make([]sockdiag.Tuple, len(list))
	for i, s := range list {
		tuples[i] = sockdiag.Tuple{Local: s.Remote, Remote: s.Local, Device: device}
		if device == anyBound {
			tuples[i].Device = s.Device
		}
	}
	err := conn.Lookup(ctx, tuples, func(i int, p *socket.Socket) error {
		list[i].Peer = &socket.Peer{State: p.State, Inode: p.Inode, RecvQ: p.RecvQ, SendQ: p.SendQ, Timer: p.Timer}
		return nil
	})
	return those(list, func(s *socket.Socket) bool { return s.Peer == nil }), err
}

// stillThere returns those of the sockets that are as they were when they were
// seen: a connection may have ended since, on both sides.
func stillThere(ctx context.Context, conn *sockdiag.Conn, list []*socket.Socket) ([]*socket.Socket, error) {
	tuples := make([]sockdiag.Tuple, len(list))
	for i, s := range list {
		tuples[i] = sockdiag.TupleOf(s)
		if s.Protocol == socket.MPTCP { // its subflow is in the table
			tuples[i].Cookie = 0
		}
	}
	same := map[*socket.Socket]bool{}
	err := conn.Lookup(ctx, tuples, func(i int, now *socket.Socket) error {
		s := list[i]
		same[s] = now.Inode == s.Inode && (s.Protocol == socket.MPTCP || now.State == s.State)
		return nil
	})
	return those(list, func(s *socket.Socket) bool { return same[s] }), err
}

// those returns the sockets of the list for which ok is true: the list itself
// where that is all of them, else a new one.
func those(list []*socket.Socket, ok func(*socket.Socket) bool) []*socket.Socket {
	not := func(s *socket.Socket) bool { return !ok(s) }
	if !slices.ContainsFunc(list, not) {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), not)
}
