package scan

import (
	"context"
	"fmt"

	"github.com/sockleak/sockleak/internal/scan/procfs"
	"github.com/sockleak/sockleak/internal/scan/sockdiag"
	"github.com/sockleak/sockleak/internal/socket"
)

// A dump of the TCP sockets costs what the host has, not what the targets
// have: all namespaces share one table. Where the targets hold few of many,
// less is asked for, and the answer is the same:
//
//   - what the look before has seen is looked up, one by one (recall);
//   - nothing is dumped where none of the rest can be in the table (tablesOf);
//   - of the rest first the cgroup of the targets is dumped, and all only when
//     something is missing there (cgroupHasAll);
//   - dumps are brief, and what they lack is looked up (detail).
const (
	// fewOfMany is how many times as many sockets the table must have as the
	// targets. A row with tcp_info costs the kernel about 1.2 us more than
	// one without, a look-up about 2.5 us.
	fewOfMany = 4
	// manyNames is how many sockets are asked for the name of their protocol,
	// which takes two system calls each, rather than all tables.
	manyNames = 512
)

// tcpLook is one look at the sockets of one network namespace.
type tcpLook struct {
	proc  procfs.FS
	conn  *sockdiag.Conn
	ns    namespace
	d     *Draft
	known *knownSockets
	few   int // how many times as many the table must have: fewOfMany, but for tests

	found int            // by recall
	named bool           // it is known of each socket in which table it can be
	ports map[uint16]int // listeners in the dump, by port; nil without a dump
	all   bool           // the dump was of all TCP sockets
	how   string         // what was done, for people
}

// collect looks at all tables of the namespace, for what recall has not found.
func (l *tcpLook) collect(ctx context.Context) error {
	table, few := l.fewOfMany()
	if !few {
		l.known.forget()
		l.how = "full dump of the TCP table, of which the targets hold much"
		return dumpNamespace(ctx, l.proc, l.conn, l.ns, l.d, nil, fullTCP(l.conn))
	}
	l.how = fmt.Sprintf("%d TCP sockets by exact look-ups, no dump of the table of %d", l.found, table)
	queued := len(l.d.queued)
	if err := l.dump(ctx, l.tablesOf(l.d.Unknown())); err != nil {
		return err
	}
	if l.wrong() {
		l.d.queued = l.d.queued[:queued]
		l.how = fmt.Sprintf("full dump of the TCP table of %d, for what is known did not fit", table)
		if err := dumpNamespace(ctx, l.proc, l.conn, l.ns, l.d, nil, fullTCP(l.conn)); err != nil {
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
func (l *tcpLook) wrong() bool {
	for _, s := range l.d.snap.Sockets {
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
func (l *tcpLook) fewOfMany() (table int, few bool) {
	if age := l.d.snap.Taken.Sub(l.known.counted); age < 0 || age >= knownFor {
		stat, _ := l.proc.SockStat(l.ns.pid) // an error means that nothing is known of the table
		l.known.count, l.known.counted = stat.Alloc+stat.TimeWait, l.d.snap.Taken
	}
	return l.known.count, len(l.d.snap.Sockets)*l.few < l.known.count
}

// dump asks for the wanted tables; nil means all of them.
func (l *tcpLook) dump(ctx context.Context, wanted map[string]bool) error {
	l.named = wanted != nil
	if err := dumpNamespace(ctx, l.proc, l.conn, l.ns, l.d, wanted, l.brief); err != nil {
		return err
	}
	if wanted == nil || wanted["tcp"] {
		return nil // the dump had the accept queues
	}
	return l.queues(ctx)
}

// fullTCP is a dump of all that may matter, with all that is known of it.
func fullTCP(c *sockdiag.Conn) tcpReader {
	return func(ctx context.Context, take func(*socket.Socket) error) error {
		return c.TCP(ctx, sockdiag.Filter{States: withInode()}, take)
	}
}

// sparingTCP is a brief dump for whoever has looked at the namespace before.
func sparingTCP(proc procfs.FS, c *sockdiag.Conn, ns namespace, d *Draft) tcpReader {
	l := tcpLook{proc: proc, conn: c, ns: ns, d: d, known: &knownSockets{}, few: fewOfMany}
	if _, few := l.fewOfMany(); few {
		return l.brief
	}
	return fullTCP(c)
}

// brief is a tcpReader: of the cgroup, if that is enough, else of all.
func (l *tcpLook) brief(ctx context.Context, take func(*socket.Socket) error) error {
	before := len(l.d.queued)
	if cgroup := l.cgroup(); cgroup != 0 {
		rows, err := l.briefDump(ctx, cgroup, take)
		if ctx.Err() != nil {
			return err
		}
		if err == nil && l.cgroupHasAll(before) {
			l.how = fmt.Sprintf("brief dump of the %d TCP sockets of the targets' cgroup, ages by exact look-ups", rows)
			return l.detail(ctx, before)
		}
		l.known.mixedCgroups = l.d.snap.Taken
		l.d.queued = l.d.queued[:before]
	}
	rows, err := l.briefDump(ctx, 0, take)
	if err != nil {
		return err
	}
	l.all = true
	l.how = fmt.Sprintf("brief dump of %d TCP sockets, ages by exact look-ups", rows)
	return l.detail(ctx, before)
}

// briefDump dumps without tcp_info and returns how many rows came.
func (l *tcpLook) briefDump(ctx context.Context, cgroup uint64, take func(*socket.Socket) error) (rows int, err error) {
	l.ports = map[uint16]int{}
	filter := sockdiag.Filter{States: withInode(), Brief: true, CgroupID: cgroup}
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
func (l *tcpLook) listeners() (list []*socket.Socket) {
	for _, s := range l.d.snap.Sockets {
		if s.State == socket.Listen && s.IsTCP() && s.NetNS == l.conn.NetNS() {
			list = append(list, s)
		}
	}
	return list
}
