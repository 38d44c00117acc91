//go:build linux

package sockdiag

import (
	"context"
	"errors"
	"io/fs"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/scan/netns"
	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/scan/source/tables"
	"github.com/sockleak/sockleak/internal/socket"
)

// yieldRow takes a row of a table.
type yieldRow = func(*socket.Socket) error

// tcpReader yields the TCP sockets of a namespace that may be of interest.
type tcpReader func(ctx context.Context, yield yieldRow) error

// reader are the tables of one namespace.
type reader struct {
	files proc.FS // for tables that netlink does not give
	conn  *Conn
	ns    netns.Namespace
	b     *source.Builder
}

// read asks for the sockets, table by table, until every descriptor is
// accounted for. TCP is always asked for: it has the accept queues; how is up
// to tcp. MPTCP is when some of the sockets that TCP had may be subflows. Only
// the wanted tables are asked for.
func (r *reader) read(ctx context.Context, wanted tables.Set, tcp tcpReader) error {
	merge := r.b.Taker()
	c, text := r.conn, r.files
	for _, t := range []struct {
		name string
		dump func(context.Context, func(*socket.Socket) error) error
		text func(int, func(*socket.Socket) error) error
	}{
		{tables.TCP, tcp, text.NetTCP},
		{tables.Unix, c.Unix, text.NetUnix},
		{tables.UDP, c.UDP, text.NetUDP},
		{tables.MPTCP, c.MPTCP, nil},
		{tables.Netlink, c.Netlink, text.NetNetlink},
		{tables.UDPLite, c.UDPLite, text.NetUDPLite},
		{tables.Raw, c.Raw, text.NetRaw},
		{tables.ICMP, nil, text.NetICMP},
		{tables.Packet, c.Packet, text.NetPacket},
		{tables.Vsock, c.Vsock, nil},
		{tables.Bound, c.BoundInactive, nil},
	} {
		more := t.name == tables.TCP || t.name == tables.MPTCP && c.MayHaveMPTCP() || len(r.b.Unknown()) > 0
		if !more || !wanted.Wants(t.name) {
			continue
		}
		take := func(s *socket.Socket) error {
			merge(s)
			return ctx.Err()
		}
		queued := len(r.b.Queued())
		err := errNoDump
		if t.dump != nil {
			err = t.dump(ctx, take)
		}
		if err != nil && ctx.Err() == nil && t.text != nil && !errors.Is(err, ErrInterrupted) {
			r.b.Unqueue(queued)
			err = t.text(r.ns.PID, take)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		TableGap(r.b, t.name, err)
	}
	return nil
}

// errNoDump stands for a protocol that sock_diag does not know.
var errNoDump = errors.New("sock_diag has no such table")

// TableGap notes that a table could not be read to its end, unless err is nil. A
// protocol that the kernel cannot dump hides nothing by itself: its sockets are
// counted as not identified, one by one.
func TableGap(b *source.Builder, name string, err error) {
	if err == nil || errors.Is(err, ErrNoModule) || errors.Is(err, errors.ErrUnsupported) ||
		errors.Is(err, errNoDump) || errors.Is(err, fs.ErrNotExist) {
		return
	}
	b.Partial()
	b.Gap(socket.Gap{Where: "some " + name + " sockets", Why: source.Reason(err), Hint: "try again when the host is less busy",
		Blinds: !errors.Is(err, ErrInterrupted)})
}

// Search asks the wanted tables of one namespace for sockets that another look
// at it has missed.
func Search(ctx context.Context, files proc.FS, conn *Conn, ns netns.Namespace, b *source.Builder, wanted tables.Set) error {
	l := look{fs: files, ns: ns, b: b, known: &knowledge{}, few: tables.Few, conn: conn}
	r := reader{files, conn, ns, b}
	if _, few := l.fewOfMany(); few {
		return r.read(ctx, wanted, l.brief)
	}
	return r.read(ctx, wanted, fullTCP(conn))
}
