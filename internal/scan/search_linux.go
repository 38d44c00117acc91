package scan

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
)

// search looks again for the sockets that no table of their process's
// namespace had. A dump can miss a socket of a long hash chain that changes
// meanwhile, so that the same tables are asked once more; and a program may
// hold a socket that was made in another namespace, so that the tables of the
// others are asked too, once a second. Each is done only when a socket is
// missing that can be there.
func (sys *system) search(ctx context.Context, d *Draft) error {
	known := namespaces(d)
	for _, ns := range known {
		if err := sys.searchIn(ctx, ns, d, missing(d, true)); err != nil {
			return err
		}
	}
	if sys.absent.recent(d) || len(missing(d, false)) == 0 {
		return nil
	}
	defer func() {
		if !d.partial {
			sys.absent.note(d)
		}
	}()
	list, more, err := sys.otherNamespaces(known)
	if err != nil {
		return err
	}
	for _, ns := range list {
		wanted := missing(d, false)
		if wanted["tcp"] && !sys.proc.HasTCP(ns.pid) {
			delete(wanted, "tcp")
		}
		if err := sys.searchIn(ctx, ns, d, wanted); err != nil {
			return err
		}
	}
	if more > 0 && len(missing(d, false)) > 0 {
		d.Gap(socket.Gap{Where: fmt.Sprintf("sockets in %d more network namespaces", more),
			Why: fmt.Sprintf("only %d are searched for sockets that are in no other table", maxNamespaces)})
	}
	return nil
}

// searchIn asks the wanted tables of one namespace: by sock_diag where it may
// be entered, else as text, which everybody may read.
func (sys *system) searchIn(ctx context.Context, ns namespace, d *Draft, wanted map[string]bool) error {
	if len(wanted) == 0 {
		return nil
	}
	before := len(d.Unknown())
	conn, err := ns.enter(sys.proc)
	if err == nil {
		defer conn.Close()
		return dumpNamespace(ctx, sys.proc, conn, ns, d, wanted, sparingTCP(sys.proc, conn, ns, d))
	}
	if err := readTables(ctx, sys.proc, ns, d, wanted); err != nil {
		return err
	}
	if len(d.Unknown()) < before {
		d.cannotEnter(ns, err)
	}
	return nil
}

// missing returns the tables that the unidentified sockets can be in. With
// must, only those that they have to be in wherever they live: a TCP or UDP
// socket is in none before it is bound or connected.
func missing(d *Draft, must bool) map[string]bool {
	tables := map[string]bool{}
	for _, s := range d.Unknown() {
		switch strings.TrimSuffix(s.ProtoName, "v6") { // a socket without a name may be anything
		case "TCP", "MPTCP":
			tables["tcp"], tables["mptcp"], tables[boundTable] = !must, !must, !must
		case "NETLINK":
			tables["netlink"] = !must
		case "AF_VSOCK": // all namespaces have the same
		default:
			addTable(tables, s.ProtoName)
		}
	}
	maps.DeleteFunc(tables, func(_ string, wanted bool) bool { return !wanted })
	return tables
}
