package scan

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/sockleak/sockleak/internal/scan/pidfd"
	"github.com/sockleak/sockleak/internal/socket"
)

// duplicate asks duplicates of the targets' descriptors what the sockets are
// that nothing else could tell, one at a time.
func (sys *system) duplicate(ctx context.Context, d *Draft) error {
	if sys.proc.Self() != os.Getpid() {
		d.Gap(socket.Gap{Where: "duplicates of descriptors", Why: errForeignProc.Error()})
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
	for _, s := range d.Unknown() {
		for i := range s.Holders {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			h := &s.Holders[i]
			if _, tried := open[h.Process]; !tried {
				open[h.Process] = sys.pidfd(h.Process, d)
			}
			p := open[h.Process]
			if p == nil {
				continue
			}
			facts, err := p.Socket(h.FD, s.Inode)
			if err == nil {
				d.Fill(&facts)
				break
			}
			if !errors.Is(err, fs.ErrNotExist) {
				d.notDuplicated(h.Process.PID, err)
			}
		}
	}
	return nil
}

// pidfd opens the process; nil when it cannot be, or is not the one that is
// meant any more.
func (sys *system) pidfd(id socket.ProcessID, d *Draft) *pidfd.Process {
	p, err := pidfd.Open(id.PID)
	if err != nil {
		if !isGone(err) {
			d.notDuplicated(id.PID, err)
		}
		return nil
	}
	if start, err := sys.proc.Start(id.PID); err != nil || start != id.Start {
		p.Close()
		return nil
	}
	return p
}

func (d *Draft) notDuplicated(pid int, err error) {
	d.Gap(socket.Gap{
		Where: fmt.Sprintf("duplicates of descriptors of pid %d", pid),
		Why:   reason(err),
		Hint:  "pidfd_getfd needs the right to trace: CAP_SYS_PTRACE, or the same user and kernel.yama.ptrace_scope 0",
	})
}
