//go:build linux

// Package taskiter is the source that walks the descriptors of the targets
// inside the kernel, by a BPF iterator over tasks and their files. What it costs
// depends on the targets alone, and it sees what no table shows.
package taskiter

import (
	"context"
	"sync"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/scan/source/taskiter/bpf"
	"github.com/sockleak/sockleak/internal/socket"
)

// Source implements source.Source.
type Source struct {
	fs      proc.FS
	program func() (*bpf.Program, error) // waits until it is loaded
	walkers []*bpf.Walker
}

// NewSource returns the source, and begins to load its program: the kernel takes
// its time to verify it, in which others can find out which processes are meant.
func NewSource(fs proc.FS) *Source {
	src := &Source{fs: fs, program: sync.OnceValues(func() (*bpf.Program, error) { return bpf.Open(bpf.Options{}) })}
	go func() { _, _ = src.program() }() // Collect says what was wrong
	return src
}

// Close unloads the program.
func (src *Source) Close() error {
	src.walkers = nil
	p, err := src.program()
	if err != nil {
		return nil // Collect has said it, or nobody asked
	}
	return p.Close()
}

// Collect implements source.Source. It fails where the program cannot be loaded,
// and where /proc numbers processes as another pid namespace does: the iterator
// would look for other ones than are meant.
func (src *Source) Collect(ctx context.Context, b *source.Builder) (source.Result, error) {
	if err := src.fs.SameNumbers(); err != nil {
		return source.Result{}, err
	}
	program, err := src.program()
	if err != nil {
		return source.Result{}, err
	}
	list := b.Processes()
	catches, counts, err := src.walk(ctx, program, list)
	if err != nil {
		return source.Result{}, err
	}
	for i := range list {
		b.Count(i, counts[i], -1)
	}
	b.Adopt(takeIn(catches))
	for _, what := range program.Missing() {
		missing(b, what)
	}
	sets, waits := epollSets(catches)
	b.Register(sets)
	return source.Result{Waits: waits}, nil
}

// missing notes what the kernel does not show, if there is a socket that it
// does not show it of.
func missing(b *source.Builder, what string) {
	for _, s := range b.Sockets() {
		if word, is := bpf.Concerns(what, s); is {
			if word != "" {
				what = word + " sockets: " + what
			}
			b.Gap(socket.Gap{Where: what, Why: "the kernel does not have it where the bpf source looks"})
			return
		}
	}
}
