package scan

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/sockleak/sockleak/internal/scan/bpf"
	"github.com/sockleak/sockleak/internal/socket"
)

// walkerShare is for how many descriptors another walker is worth starting.
const walkerShare = 512

// besideShare is for how many descriptors a lone walker has another goroutine read.
const besideShare = 4096

// walk walks over the descriptors of the processes with several walkers side
// by side, and returns what each brought. The largest process goes first, so
// that all end at about the same time.
//
// Two walkers over one process would be in each other's way: the iterator
// holds a reference to the file that it is at, so that each would take some of
// the other's for shared.
func (src *bpfSource) walk(ctx context.Context, program *bpf.Program, list []socket.Process) ([]catch, error) {
	all := make([]*socket.Process, len(list))
	descriptors := 0
	for i := range list {
		all[i] = &list[i]
		descriptors += max(list[i].FDs, 0)
	}
	slices.SortStableFunc(all, func(a, b *socket.Process) int { return cmp.Compare(b.FDs, a.FDs) })
	n := max(1, min(runtime.GOMAXPROCS(0), len(all), descriptors/walkerShare))
	for len(src.walkers) < n {
		src.walkers = append(src.walkers, program.Walker())
	}
	src.walkers[0].Beside(n == 1 && descriptors >= besideShare && runtime.GOMAXPROCS(0) > 1)
	catches, failed := make([]catch, n), make([]error, n)
	var next atomic.Int32
	run := func(i int) {
		for at := int(next.Add(1)) - 1; at < len(all) && failed[i] == nil; at = int(next.Add(1)) - 1 {
			failed[i] = catches[i].walk(ctx, src.walkers[i], all[at])
		}
	}
	var others sync.WaitGroup
	for i := 1; i < n; i++ {
		others.Go(func() { run(i) })
	}
	run(0)
	others.Wait()
	return catches, errors.Join(failed...)
}

// walk walks over one process.
func (c *catch) walk(ctx context.Context, w *bpf.Walker, p *socket.Process) error {
	before := c.count
	err := w.Walk(ctx, p.ID.PID, func(pid int, fd int32, s *socket.Socket) error {
		if pid == p.ID.PID {
			c.add(socket.Holder{Process: p.ID, FD: fd}, s)
		}
		return nil
	})
	p.SocketFDs = c.count - before
	return err
}
