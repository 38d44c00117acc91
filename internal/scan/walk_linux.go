package scan

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/sockleak/sockleak/internal/socket"
)

// walkerShare is for how many descriptors another walker is worth starting.
const walkerShare = 512

// walk walks over the descriptors of the processes with several walkers side
// by side, and returns what each brought. The largest process goes first, so
// that all end at about the same time.
func (src *bpfSource) walk(ctx context.Context, list []socket.Process) ([]catch, error) {
	order := make([]*socket.Process, len(list))
	descriptors := 0
	for i := range list {
		order[i] = &list[i]
		descriptors += max(list[i].FDs, 0)
	}
	slices.SortStableFunc(order, func(a, b *socket.Process) int { return cmp.Compare(b.FDs, a.FDs) })
	n := max(1, min(runtime.GOMAXPROCS(0), len(list), descriptors/walkerShare))
	for len(src.walkers) < n {
		src.walkers = append(src.walkers, src.program.Walker())
	}
	catches, failed := make([]catch, n), make([]error, n)
	var next atomic.Int32
	run := func(i int) {
		for failed[i] == nil {
			at := int(next.Add(1)) - 1
			if at >= len(order) {
				return
			}
			p := order[at]
			failed[i] = src.walkers[i].Walk(ctx, p.ID.PID, func(pid int, fd int32, s *socket.Socket) error {
				if pid == p.ID.PID {
					catches[i].add(p, fd, s)
				}
				return nil
			})
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
