//go:build linux

package taskiter

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/sockleak/sockleak/internal/scan/source/taskiter/bpf"
	"github.com/sockleak/sockleak/internal/socket"
)

// walkerShare is for how many descriptors another walker is worth starting.
const walkerShare = 512

// pipelineShare is for how many descriptors a lone walker has another goroutine read.
const pipelineShare = 4096

// walk walks over the descriptors of the processes with several walkers side
// by side, and returns what each brought, and how many descriptors each process has. The largest process goes first, so
// that all end at about the same time.
//
// Two walkers over one process would be in each other's way: the iterator
// holds a reference to the file that it is at, so that each would take some of
// the other's for shared.
func (src *Source) walk(ctx context.Context, program *bpf.Program, list []socket.Process) (catches []catch, counts []int, err error) {
	order := make([]int, len(list))
	descriptors := 0
	for i := range list {
		order[i] = i
		descriptors += max(list[i].FDs, 0)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(list[b].FDs, list[a].FDs) })
	n := max(1, min(runtime.GOMAXPROCS(0), len(list), descriptors/walkerShare))
	for len(src.walkers) < n {
		src.walkers = append(src.walkers, program.Walker())
	}
	src.walkers[0].Pipelined(n == 1 && descriptors >= pipelineShare && runtime.GOMAXPROCS(0) > 1)
	catches, counts = make([]catch, n), make([]int, len(list))
	failed := make([]error, n)
	var next atomic.Int32
	run := func(w int) {
		for at := int(next.Add(1)) - 1; at < len(order) && failed[w] == nil; at = int(next.Add(1)) - 1 {
			i := order[at]
			counts[i], failed[w] = catches[w].walk(ctx, src.walkers[w], list[i].ID)
		}
	}
	var others sync.WaitGroup
	for w := 1; w < n; w++ {
		others.Go(func() { run(w) })
	}
	run(0)
	others.Wait()
	return catches, counts, errors.Join(failed...)
}

// walk walks over one process, and returns how many descriptors of sockets it has.
func (c *catch) walk(ctx context.Context, w *bpf.Walker, id socket.ProcessID) (int, error) {
	before := c.count
	err := w.Walk(ctx, id.PID, func(d bpf.Descriptor, s *socket.Socket) error {
		if d.TGID == id.PID {
			c.add(socket.Holder{Process: id, FD: d.FD, Inheritable: d.FlagsKnown && !d.CloseOnExec, FlagsKnown: d.FlagsKnown}, s)
		}
		return nil
	})
	for _, f := range w.AnonFiles() {
		if f.TGID == id.PID {
			c.anon = append(c.anon, socket.EpollSet{Set: f.Data, Holder: socket.Holder{Process: id, FD: f.FD}})
		}
	}
	return c.count - before, err
}
