//go:build linux

package enrich

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/sockleak/sockleak/internal/scan/enrich/pidfd"
	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/socket"
)

// duplicate asks duplicates of the targets' descriptors what the sockets are
// that nothing else could tell, one at a time.
func (e *Enricher) duplicate(ctx context.Context, b *source.Builder) error {
	if err := e.fs.SameNumbers(); err != nil {
		b.Gap(socket.Gap{Where: "duplicates of descriptors", Why: err.Error()})
		return nil
	}
	open := map[socket.ProcessID]*pidfd.Process{}
	defer func() {
		for _, p := range open {
			if p != nil {
				p.Close()
			}
		}
	}()
	for _, s := range b.Unknown() {
		for i := range s.Holders {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			h := &s.Holders[i]
			if _, tried := open[h.Process]; !tried {
				open[h.Process] = e.open(h.Process, b)
			}
			p := open[h.Process]
			if p == nil {
				continue
			}
			facts, err := p.Socket(h.FD, s.Inode)
			if err == nil {
				b.Fill(&facts)
				break
			}
			if !errors.Is(err, fs.ErrNotExist) {
				notDuplicated(b, h.Process.PID, err)
			}
		}
	}
	return nil
}

// open opens the process; nil when it cannot be, or is not the one that is
// meant any more.
func (e *Enricher) open(id socket.ProcessID, b *source.Builder) *pidfd.Process {
	p, err := pidfd.Open(id.PID)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			notDuplicated(b, id.PID, err)
		}
		return nil
	}
	if start, err := e.fs.Start(id.PID); err != nil || start != id.Start {
		p.Close()
		return nil
	}
	return p
}

func notDuplicated(b *source.Builder, pid int, err error) {
	b.Gap(socket.Gap{
		Where: fmt.Sprintf("duplicates of descriptors of pid %d", pid),
		Why:   source.Reason(err),
		Hint:  "pidfd_getfd needs the right to trace: CAP_SYS_PTRACE, or the same user and kernel.yama.ptrace_scope 0",
	})
}
