package scan

import (
	"context"
	"errors"
	"io/fs"

	"github.com/sockleak/sockleak/internal/scan/procfs"
	"github.com/sockleak/sockleak/internal/socket"
)

// procfsSource reads the descriptor tables and the socket tables that /proc
// prints as text. It answers where netlink does not.
type procfsSource struct {
	waiting map[socket.ProcessID]waits // of the last look
}

func newProcfsSource() *procfsSource { return &procfsSource{} }

func (*procfsSource) Name() string { return "procfs" }

func (*procfsSource) Needs() string {
	return "descriptors and the text tables in /proc/PID/net; no tcp_info ages, no peers of UNIX sockets; other users' processes need CAP_SYS_PTRACE"
}

func (src *procfsSource) Collect(ctx context.Context, d *Draft) error {
	proc, err := procfs.New(procRoot)
	if err != nil {
		return err
	}
	src.waiting = holdAll(proc, d)
	for _, ns := range namespaces(d) {
		// Where a table is long, it is worth knowing that nothing can be in it.
		look := tcpLook{proc: proc, ns: ns, d: d, known: &knownSockets{}, few: fewOfMany}
		var wanted map[string]bool
		if _, few := look.fewOfMany(); few {
			wanted = look.tablesOf(d.Unknown())
		}
		if err := readTables(ctx, proc, ns, d, wanted); err != nil {
			return err
		}
	}
	d.Gap(socket.Gap{Where: "age of connections", Why: "the procfs source has no tcp_info"})
	return nil
}

// readTables reads the text tables of one namespace, stopping as soon as
// every descriptor is accounted for. TCP is always read: it has the accept
// queues. Where wanted is not nil, only the tables in it are read.
func readTables(ctx context.Context, proc procfs.FS, ns namespace, d *Draft, wanted map[string]bool) error {
	take := d.taker()
	for _, t := range []struct {
		name string
		read func(int, func(*socket.Socket) error) error
	}{
		{"tcp", proc.NetTCP}, {"unix", proc.NetUnix}, {"udp", proc.NetUDP}, {"netlink", proc.NetNetlink},
		{"udplite", proc.NetUDPLite}, {"raw", proc.NetRaw}, {"icmp", proc.NetICMP}, {"packet", proc.NetPacket},
	} {
		if wanted != nil && !wanted[t.name] || t.name != "tcp" && len(d.Unknown()) == 0 {
			continue
		}
		err := t.read(ns.pid, func(s *socket.Socket) error {
			take(s)
			return ctx.Err()
		})
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, fs.ErrNotExist): // the process has ended, or the kernel lacks the protocol
		case err != nil:
			d.partial = true
			d.Gap(socket.Gap{Where: "the table of " + t.name + " sockets", Why: reason(err), Blinds: true})
		}
	}
	return nil
}
