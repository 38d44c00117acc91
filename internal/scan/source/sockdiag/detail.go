//go:build linux

package sockdiag

import (
	"context"

	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/socket"
)

// recall looks up the connections and listeners that the look before has
// seen, where that is cheaper than a dump. One that is not there any more has
// ended, or was connected again, and is left for the dump.
func (l *look) recall(ctx context.Context, conn *Conn) error {
	l.conn = conn
	if _, few := l.fewOfMany(); !few {
		return nil
	}
	var list []*socket.Socket
	var tuples []Tuple
	for _, s := range l.b.Unknown() {
		if t, ok := l.known.tcp[s.Inode]; ok {
			list, tuples = append(list, s), append(tuples, t)
		}
	}
	// What an error hides comes with the dump.
	_ = l.conn.Lookup(ctx, tuples, func(i int, s *socket.Socket) error {
		if s.Inode == list[i].Inode && l.b.Fill(s) {
			l.found++
		}
		return nil
	})
	return ctx.Err()
}

// detail looks up what a brief dump left out: of the targets' connections, and
// of those that wait in their accept queues, but for those that were there
// before the dump. A connection that has ended since the dump keeps what that
// said of it.
func (l *look) detail(ctx context.Context, before int) error {
	var list []*socket.Socket
	for _, s := range l.b.Sockets() {
		if s.Protocol == socket.TCP && s.Presence == socket.InTable && s.State != socket.Listen &&
			!s.Has(socket.HasTCPInfo) && s.NetNS == l.conn.NetNS() {
			list = append(list, s)
		}
	}
	queued := l.b.Queued()[before:]
	for i := range queued {
		list = append(list, &queued[i])
	}
	tuples := make([]Tuple, len(list))
	for i, s := range list {
		tuples[i] = TupleOf(s)
	}
	err := l.conn.Lookup(ctx, tuples, func(i int, s *socket.Socket) error {
		if s.Inode == list[i].Inode {
			source.Refine(list[i], s)
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		l.b.Gap(socket.Gap{Where: "ages of some tcp sockets", Why: source.Reason(err), Hint: "try again when the host is less busy"})
		return nil
	}
	return ctx.Err()
}

// queues fills the accept queues where no dump did: a listener itself says how
// many connections wait, and only when some do are they asked for.
func (l *look) queues(ctx context.Context) error {
	var ports []uint16
	for _, s := range l.listeners() {
		if s.RecvQ > 0 {
			ports = append(ports, s.Local.Port())
		}
	}
	if len(ports) == 0 {
		return nil
	}
	states := socket.StateSet(socket.Established, socket.CloseWait)
	err := l.conn.TCP(ctx, Filter{States: states, LocalPorts: ports}, func(s *socket.Socket) error {
		if s.Inode == 0 {
			l.b.Queue(s)
		}
		return nil
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	l.how += ", accept queues by a dump of their ports"
	TableGap(l.b, "tcp", err)
	return nil
}
