package scan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/scan/procfs"
	"github.com/sockleak/sockleak/internal/scan/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
)

// sockdiagSource reads the descriptor tables from /proc and asks the kernel
// for the sockets through netlink. Where netlink does not answer for a
// namespace or a protocol, it reads the text table instead.
type sockdiagSource struct {
	proc    *procfs.FS                 // nil before the first look
	conns   map[uint64]*sockdiag.Conn  // by namespace, kept between looks
	waiting map[socket.ProcessID]waits // of the last look
	known   map[uint64]*knownSockets   // by namespace, of the last look
	how     []string                   // what the last look did, by namespace
	few     int                        // see tcpLook.few
}

func newSockdiagSource() *sockdiagSource {
	return &sockdiagSource{conns: map[uint64]*sockdiag.Conn{}, known: map[uint64]*knownSockets{}, few: fewOfMany}
}

func (*sockdiagSource) Name() string { return "sockdiag" }

func (*sockdiagSource) Needs() string {
	return "descriptors from /proc, sockets by netlink sock_diag; other users' processes need CAP_SYS_PTRACE, other network namespaces CAP_SYS_ADMIN"
}

// Close closes the netlink sockets.
func (src *sockdiagSource) Close() error {
	var err error
	for id, c := range src.conns {
		err = errors.Join(err, c.Close())
		delete(src.conns, id)
	}
	return err
}

func (src *sockdiagSource) Collect(ctx context.Context, d *Draft) error {
	proc, err := src.procFS()
	if err != nil {
		return err
	}
	own, err := src.own()
	if err != nil {
		return err
	}
	src.waiting, src.how = holdAll(proc, d), nil
	var looks []*tcpLook
	var closed []namespace
	for _, ns := range namespaces(d) {
		conn := own
		if ns.id != 0 && ns.id != own.NetNS() {
			if conn, err = src.enter(ns); err != nil {
				d.cannotEnter(ns, err)
				closed = append(closed, ns)
				continue
			}
		}
		if src.known[ns.id] == nil {
			src.known[ns.id] = &knownSockets{}
		}
		looks = append(looks, &tcpLook{proc: proc, conn: conn, ns: ns, d: d, known: src.known[ns.id], few: src.few})
	}
	// What is known of all namespaces comes first: else the sockets of one
	// would be searched for in the tables of another.
	for _, look := range looks {
		if err := look.recall(ctx); err != nil {
			return err
		}
	}
	for _, look := range looks {
		if err := look.collect(ctx); err != nil {
			return err
		}
		src.did(look.how)
	}
	for _, ns := range closed {
		src.did("text tables of another network namespace")
		if err := readTables(ctx, proc, ns, d, nil); err != nil {
			return err
		}
	}
	return nil
}

// did notes what the look did in a network namespace.
func (src *sockdiagSource) did(what string) {
	if !slices.Contains(src.how, what) {
		src.how = append(src.how, what)
	}
}

// How says what the last look did. Of many namespaces it tells of the first.
func (src *sockdiagSource) How() string {
	const most = 3
	if more := len(src.how) - most; more > 0 {
		return strings.Join(src.how[:most], "; ") + fmt.Sprintf("; and %d more", more)
	}
	return strings.Join(src.how, "; ")
}

// cannotEnter notes what the text tables of a namespace do not have.
func (d *Draft) cannotEnter(ns namespace, err error) {
	d.Gap(socket.Gap{
		Where: fmt.Sprintf("ages and peers of sockets in network namespace %d", ns.id),
		Why:   reason(err),
		Hint:  "entering it needs CAP_SYS_ADMIN; its text tables were read instead",
	})
}

// tcpReader yields the TCP sockets of a namespace that may be of interest.
type tcpReader func(ctx context.Context, yield func(*socket.Socket) error) error

// dumpNamespace asks for the sockets of one namespace, table by table, until
// every descriptor is accounted for. TCP is always asked for: it has the
// accept queues; how is up to the reader. MPTCP is when some of the sockets that
// TCP had may be subflows. Where wanted is not nil, only the
// tables in it are asked for.
func dumpNamespace(ctx context.Context, proc procfs.FS, c *sockdiag.Conn, ns namespace, d *Draft, wanted map[string]bool, tcp tcpReader) error {
	merge := d.taker()
	for _, t := range []struct {
		name string
		dump func(context.Context, func(*socket.Socket) error) error
		text func(int, func(*socket.Socket) error) error
	}{
		{"tcp", tcp, proc.NetTCP},
		{"unix", c.Unix, proc.NetUnix},
		{"udp", c.UDP, proc.NetUDP},
		{"mptcp", c.MPTCP, nil},
		{"netlink", c.Netlink, proc.NetNetlink},
		{"udplite", c.UDPLite, proc.NetUDPLite},
		{"raw", c.Raw, proc.NetRaw},
		{"icmp", nil, proc.NetICMP},
		{"packet", c.Packet, proc.NetPacket},
		{"vsock", c.Vsock, nil},
		{boundTable, c.BoundInactive, nil},
	} {
		more := t.name == "tcp" || t.name == "mptcp" && c.MayHaveMPTCP() || len(d.Unknown()) > 0
		if !more || wanted != nil && !wanted[t.name] {
			continue
		}
		take := func(s *socket.Socket) error {
			merge(s)
			return ctx.Err()
		}
		queued := len(d.queued)
		err := errNoDump
		if t.dump != nil {
			err = t.dump(ctx, take)
		}
		if err != nil && ctx.Err() == nil && t.text != nil && !errors.Is(err, sockdiag.ErrInterrupted) {
			d.queued = d.queued[:queued]
			err = t.text(ns.pid, take)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		d.tableGap(t.name, err)
	}
	return nil
}

// boundTable is the name of the table of bound-inactive TCP sockets.
const boundTable = "bound tcp"

// withInode returns the states in which a socket can have a descriptor or
// wait in an accept queue.
func withInode() socket.States {
	return socket.StateSet(socket.Established, socket.SynSent, socket.SynRecv, socket.FinWait1,
		socket.FinWait2, socket.Close, socket.CloseWait, socket.LastAck, socket.Listen, socket.Closing)
}

// errNoDump stands for a protocol that sock_diag does not know.
var errNoDump = errors.New("sock_diag has no such table")

// tableGap notes that a table could not be read to its end. A protocol that
// the kernel cannot dump hides nothing by itself: its sockets are counted as
// not identified, one by one.
func (d *Draft) tableGap(name string, err error) {
	if err == nil || errors.Is(err, sockdiag.ErrNoModule) || errors.Is(err, errors.ErrUnsupported) ||
		errors.Is(err, errNoDump) || isGone(err) {
		return
	}
	d.partial = true
	d.Gap(socket.Gap{Where: "some " + name + " sockets", Why: reason(err), Hint: "look again when the host is less busy",
		Blinds: !errors.Is(err, sockdiag.ErrInterrupted)})
}
