//go:build linux

package enrich

import (
	"context"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/scan/netns"
	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/scan/source/sockdiag"
)

// Options configure an Enricher.
type Options struct {
	// Duplicate allows to duplicate descriptors where nothing else tells what a
	// socket is (pidfd_getfd(2)).
	Duplicate bool
	// NoStacks leaves the memory of the processes alone.
	NoStacks bool
}

// Enricher adds to the looks of one Scanner. It is not for concurrent use.
type Enricher struct {
	fs       proc.FS
	conns    *sockdiag.Conns
	opts     Options
	timeWait map[uint64]*timeWaits // by network namespace
	rings    rings
}

// New returns an enricher that reads /proc, and asks the connections, which it
// leaves open.
func New(fs proc.FS, conns *sockdiag.Conns, opts Options) *Enricher {
	if opts.NoStacks {
		fs = fs.WithoutMemory()
	}
	return &Enricher{fs: fs, conns: conns, opts: opts, timeWait: map[uint64]*timeWaits{}}
}

// Namespaces describes the network namespaces that the builder's processes live
// in. It comes before the sockets are collected, while a source may still be
// busy with loading its program.
func (e *Enricher) Namespaces(ctx context.Context, b *source.Builder) {
	for i, ns := range netns.Of(b.Processes()) {
		facts := e.describe(ns, b)
		facts.Listening = e.listening(ctx, ns)
		b.Namespace(i, facts)
	}
}

// Complete adds what no source by itself can say: what the sockets in no table
// are, whose the connections in accept queues are, and how many sockets of the
// namespaces nobody holds. The waits are what the source has found out.
func (e *Enricher) Complete(ctx context.Context, b *source.Builder, waits source.Waits) error {
	if err := e.identify(ctx, b); err != nil {
		return err
	}
	b.AssignQueued()
	if err := e.unixQueues(ctx, b); err != nil {
		return err
	}
	if err := e.ringSockets(ctx, waits, b); err != nil {
		return err
	}
	for i, ns := range netns.Of(b.Processes()) {
		if err := e.ownerless(ctx, ns, i, b); err != nil {
			return err
		}
	}
	return nil
}
