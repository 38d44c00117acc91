//go:build linux

// Package proctext is the source that reads the descriptor tables and the
// socket tables that /proc prints as text. It answers where netlink does not.
package proctext

import (
	"context"
	"errors"
	"io/fs"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/scan/netns"
	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/scan/source/fdtable"
	"github.com/sockleak/sockleak/internal/scan/source/tables"
	"github.com/sockleak/sockleak/internal/socket"
)

// Source implements source.Source.
type Source struct{ fs proc.FS }

// NewSource returns the source.
func NewSource(fs proc.FS) Source { return Source{fs} }

// Close has nothing to close.
func (Source) Close() error { return nil }

// Collect implements source.Source. It fails when no target may be read.
func (src Source) Collect(ctx context.Context, b *source.Builder) (source.Result, error) {
	waits, err := fdtable.Hold(src.fs, b)
	if err != nil {
		return source.Result{}, err
	}
	for _, ns := range netns.Of(b.Processes()) {
		var wanted tables.Set
		// Where a table is long, it is worth knowing that nothing can be in it.
		if _, few := tables.FewOfMany(src.fs, ns.PID, len(b.Sockets()), tables.Few); few {
			wanted = tables.Of(src.fs, b.Unknown(), b)
		}
		if err := Read(ctx, src.fs, ns, b, wanted); err != nil {
			return source.Result{}, err
		}
	}
	b.Gap(socket.Gap{Where: "age of connections", Why: "the procfs source has no tcp_info"})
	return source.Result{Waits: waits}, nil
}

// Read reads the text tables of one namespace, stopping as soon as every
// descriptor is accounted for. TCP is read first: it has the accept queues. Only
// the wanted tables are read. It needs no privilege.
func Read(ctx context.Context, files proc.FS, ns netns.Namespace, b *source.Builder, wanted tables.Set) error {
	take := b.Taker()
	for _, t := range []struct {
		name string
		read func(int, func(*socket.Socket) error) error
	}{
		{tables.TCP, files.NetTCP}, {tables.Unix, files.NetUnix}, {tables.UDP, files.NetUDP}, {tables.Netlink, files.NetNetlink},
		{tables.UDPLite, files.NetUDPLite}, {tables.Raw, files.NetRaw}, {tables.ICMP, files.NetICMP}, {tables.Packet, files.NetPacket},
	} {
		if !wanted.Wants(t.name) || t.name != tables.TCP && len(b.Unknown()) == 0 {
			continue
		}
		err := t.read(ns.PID, func(s *socket.Socket) error {
			take(s)
			return ctx.Err()
		})
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, fs.ErrNotExist): // the process has ended, or the kernel lacks the protocol
		case err != nil:
			b.Partial()
			b.Gap(socket.Gap{Where: "the table of " + t.name + " sockets", Why: source.Reason(err), Blinds: true})
		}
	}
	return nil
}
