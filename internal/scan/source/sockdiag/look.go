//go:build linux

package sockdiag

import (
	"context"
	"fmt"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/scan/netns"
	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/scan/source/tables"
	"github.com/sockleak/sockleak/internal/socket"
)

// look is one look at the sockets of one network namespace.
//
// A dump of the TCP sockets costs what the host has, not what the targets have:
// all namespaces share one table. Where the targets hold few of many, less is
// asked for, and the answer is the same:
//
//   - what the look before has seen is looked up, one by one (recall);
//   - nothing is dumped where none of the rest can be in the table (tablesOf);
//   - of the rest first the cgroup of the targets is dumped, and all only when
//     something is missing there (cgroupHasAll);
//   - dumps are brief, and what they lack is looked up (detail).
type look struct {
	fs    proc.FS
	conn  *Conn
	ns    netns.Namespace
	b     *source.Builder
	known *knowledge
	few   int

	found int            // by recall
	named bool           // it is known of each socket in which table it can be
	ports map[uint16]int // listeners in the dump, by port; nil without a dump
	how   string         // what was done, for people
}

func (l *look) reader() *reader { return &reader{l.fs, l.conn, l.ns, l.b} }

// collect looks at all tables of the namespace, for what recall has not found.
func (l *look) collect(ctx context.Context, conn *Conn) error {
	l.conn = conn
	table, few := l.fewOfMany()
	if !few {
		*l.known = knowledge{}
		l.how = "full dump of the TCP table, since the targets hold much of it"
		return l.reader().read(ctx, nil, fullTCP(conn))
	}
	l.how = fmt.Sprintf("%d TCP sockets by exact look-ups, no dump of the table of %d", l.found, table)
	queued := len(l.b.Queued())
	if err := l.dump(ctx, l.tablesOf(l.b.Unknown())); err != nil {
		return err
	}
	if l.wrong() {
		l.b.Unqueue(queued)
		l.how = fmt.Sprintf("full dump of the TCP table of %d, since the known sockets did not fit", table)
		if err := l.reader().read(ctx, nil, fullTCP(conn)); err != nil {
			return err
		}
	}
	l.known.remember(l)
	return nil
}

// wrong reports whether a socket is not in the table in which it was before,
// for its inode may be that of another by now, or that table does not have all
// that is known of it: before Linux 6.10 the ages of an MPTCP socket came with
// its subflow.
func (l *look) wrong() bool {
	for _, s := range l.b.Sockets() {
		lacks := s.Presence == socket.PresenceUnknown && s.Inode != 0 ||
			s.Protocol == socket.MPTCP && s.State != socket.Listen && !s.Has(socket.HasTCPInfo)
		if lacks && l.known.table[s.Inode] != "" {
			return true
		}
	}
	return false
}

// fewOfMany returns how many TCP sockets the machine has, and whether the
// targets hold few of them.
func (l *look) fewOfMany() (table int, few bool) {
	return tables.FewOfMany(l.fs, l.ns.PID, len(l.b.Sockets()), l.few)
}

// dump asks for the wanted tables.
func (l *look) dump(ctx context.Context, wanted tables.Set) error {
	l.named = wanted != nil
	if err := l.reader().read(ctx, wanted, l.brief); err != nil {
		return err
	}
	if wanted.Wants(tables.TCP) {
		return nil // the dump had the accept queues
	}
	return l.queues(ctx)
}

// tablesOf returns the tables that the sockets can be in: those in which the
// others of the look before were, and of the rest what the names of their
// protocols say.
func (l *look) tablesOf(list []*socket.Socket) tables.Set {
	var rest []*socket.Socket
	known := tables.Set{}
	for _, s := range list {
		if table := l.known.table[s.Inode]; table != "" {
			known[table] = true
		} else {
			rest = append(rest, s)
		}
	}
	wanted := tables.Of(l.fs, rest, l.b)
	if wanted == nil {
		return nil
	}
	for table := range known {
		wanted[table] = true
	}
	return wanted
}

// fullTCP is a dump of all that may matter, with all that is known of it.
func fullTCP(c *Conn) tcpReader {
	return func(ctx context.Context, take yieldRow) error {
		return c.TCP(ctx, Filter{States: WithInode()}, take)
	}
}

// WithInode returns the states in which a socket can have a descriptor or
// wait in an accept queue.
func WithInode() socket.States {
	return socket.StateSet(socket.Established, socket.SynSent, socket.SynRecv, socket.FinWait1,
		socket.FinWait2, socket.Close, socket.CloseWait, socket.LastAck, socket.Listen, socket.Closing)
}

// brief is a tcpReader: of the cgroup, if that is enough, else of all.
func (l *look) brief(ctx context.Context, take yieldRow) error {
	before := len(l.b.Queued())
	if cgroup := l.cgroup(); cgroup != 0 {
		rows, err := l.briefDump(ctx, cgroup, take)
		if ctx.Err() != nil {
			return err
		}
		if err == nil && l.cgroupHasAll(before) {
			l.how = l.before() + fmt.Sprintf("brief dump of the %d TCP sockets of the targets' cgroup, ages by exact look-ups", rows)
			return l.detail(ctx, before)
		}
		l.known.mixed = true
		l.b.Unqueue(before)
	}
	rows, err := l.briefDump(ctx, 0, take)
	if err != nil {
		return err
	}
	l.how = l.before() + fmt.Sprintf("brief dump of %d TCP sockets, ages by exact look-ups", rows)
	return l.detail(ctx, before)
}

// before says what came before a dump.
func (l *look) before() string {
	if l.found == 0 {
		return ""
	}
	return fmt.Sprintf("%d TCP sockets by exact look-ups, the others by a ", l.found)
}

// briefDump dumps without tcp_info and returns how many rows came.
func (l *look) briefDump(ctx context.Context, cgroup uint64, take yieldRow) (rows int, err error) {
	l.ports = map[uint16]int{}
	filter := Filter{States: WithInode(), Brief: true, CgroupID: cgroup}
	err = l.conn.TCP(ctx, filter, func(s *socket.Socket) error {
		rows++
		if s.State == socket.Listen {
			l.ports[s.Local.Port()]++
		}
		return take(s)
	})
	return rows, err
}

// listeners are those of the targets in this namespace.
func (l *look) listeners() (list []*socket.Socket) {
	for _, s := range l.b.Sockets() {
		if s.State == socket.Listen && s.IsTCP() && s.NetNS == l.conn.NetNS() {
			list = append(list, s)
		}
	}
	return list
}
