package portable

import (
	"context"
	"errors"
	"io/fs"

	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/socket"
)

// Entry returns the line of the source in a list of sources.
func Entry() source.Entry {
	return source.Entry{
		Name:  "gopsutil",
		Needs: "works on every system; no queues, timers or ages, and no sockets of other network namespaces",
		Lacks: "queues, timers, ages, cookies and sockets in no table",
		Open:  func() source.Source { return Source{} },
	}
}

// Source is the portable source: states, addresses and owners.
type Source struct{}

// Close has nothing to close.
func (Source) Close() error { return nil }

// Collect implements source.Source. It fails when no target may be read.
func (Source) Collect(ctx context.Context, b *source.Builder) (source.Result, error) {
	read := false
	var refused error
	for i, p := range b.Processes() {
		n := 0
		err := Sockets(ctx, &p, func(fd int32, s *socket.Socket) {
			n++
			add(b, s, socket.Holder{Process: p.ID, FD: fd})
		})
		if ctx.Err() != nil {
			return source.Result{}, ctx.Err()
		}
		if err != nil {
			b.Unreadable(&p, "descriptors", err)
			if !errors.Is(err, fs.ErrNotExist) {
				refused = err
			}
			continue
		}
		b.Count(i, n, -1)
		read = true
	}
	if refused != nil && !read {
		return source.Result{}, refused
	}
	b.Partial() // it reads no other tables
	b.Gap(socket.Gap{
		Where: "queues, timers, ages and sockets in no table",
		Why:   "the gopsutil source does not have them",
		Hint:  "on Linux, sockleak doctor says how the other sources can be used",
	})
	return source.Result{}, nil
}

// add adds a descriptor with its socket, by inode where that is known.
func add(b *source.Builder, s *socket.Socket, h socket.Holder) {
	if s.Inode == 0 {
		b.Unheld(s, h)
		return
	}
	b.Hold(s.Inode, h)
	if s.Presence != socket.PresenceUnknown {
		b.Fill(s)
	}
}
