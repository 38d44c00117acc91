//go:build linux

package enrich

import (
	"context"
	"fmt"
	"strings"

	"github.com/sockleak/sockleak/internal/scan/netns"
	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/scan/source/proctext"
	"github.com/sockleak/sockleak/internal/scan/source/sockdiag"
	"github.com/sockleak/sockleak/internal/scan/source/tables"
	"github.com/sockleak/sockleak/internal/socket"
)

// search looks again for the sockets that no table of their process's
// namespace had. A dump can miss a socket of a long hash chain that changes
// meanwhile, so that the same tables are asked once more; and a program may
// hold a socket that was made in another namespace, so that the tables of the
// others are asked too. Each is done only when a socket is missing that can be
// there.
func (e *Enricher) search(ctx context.Context, b *source.Builder) error {
	known := netns.Of(b.Processes())
	for _, ns := range known {
		if err := e.searchIn(ctx, ns, b, missing(b, true)); err != nil {
			return err
		}
	}
	if len(missing(b, false)) == 0 {
		return nil
	}
	others, more, err := netns.Others(e.fs, known)
	if err != nil {
		return err
	}
	for _, ns := range others {
		wanted := missing(b, false)
		if wanted[tables.TCP] && !e.fs.HasTCP(ns.PID) {
			delete(wanted, tables.TCP)
		}
		if err := e.searchIn(ctx, ns, b, wanted); err != nil {
			return err
		}
	}
	if more > 0 && len(missing(b, false)) > 0 {
		b.Gap(socket.Gap{Where: fmt.Sprintf("sockets in %d more network namespaces", more),
			Why: fmt.Sprintf("only %d are searched for sockets that are in no other table", len(others))})
	}
	return nil
}

// searchIn asks the wanted tables of one namespace: by sock_diag where it may
// be entered, else as text, which everybody may read.
func (e *Enricher) searchIn(ctx context.Context, ns netns.Namespace, b *source.Builder, wanted tables.Set) error {
	if len(wanted) == 0 {
		return nil
	}
	before := len(b.Unknown())
	conn, err := sockdiag.Enter(e.fs, ns)
	if err == nil {
		defer conn.Close()
		return sockdiag.Search(ctx, e.fs, conn, ns, b, wanted)
	}
	if err := proctext.Read(ctx, e.fs, ns, b, wanted); err != nil {
		return err
	}
	if len(b.Unknown()) < before {
		sockdiag.CannotEnter(b, ns, err)
	}
	return nil
}

// missing returns the tables that the unidentified sockets can be in. With
// must, only those that they have to be in wherever they live: a TCP socket is
// in none before it is bound or connected, nor is a netlink socket.
func missing(b *source.Builder, must bool) tables.Set {
	wanted := tables.Set{}
	for _, s := range b.Unknown() {
		switch strings.TrimSuffix(s.ProtoName, "v6") { // a socket without a name may be anything
		case "TCP", "MPTCP":
			if !must {
				wanted.AddTCP()
			}
		case "NETLINK":
			if !must {
				wanted.Add(s.ProtoName)
			}
		case "AF_VSOCK": // all namespaces have the same
		default:
			wanted.Add(s.ProtoName)
		}
	}
	return wanted
}
