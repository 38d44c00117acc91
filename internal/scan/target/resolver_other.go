//go:build !linux

package target

import (
	"context"
	"fmt"
	"runtime"

	"github.com/sockleak/sockleak/internal/scan/source/portable/processes"
	"github.com/sockleak/sockleak/internal/socket"
)

// Resolver finds processes through gopsutil.
type Resolver struct{}

// Resolve finds the processes of the target and describes them. It fails with
// one of the errors of this package where there are none.
func (Resolver) Resolve(ctx context.Context, t Target) (Found, error) {
	var out Found
	if len(t.Ports)+len(t.Containers)+len(t.Units) > 0 || t.Tree {
		return out, fmt.Errorf("%w: on %s only pids and --name select processes", ErrBadTarget, runtime.GOOS)
	}
	pids, err := find(ctx, t)
	if err != nil {
		return out, err
	}
	for _, pid := range pids {
		p, err := processes.Describe(ctx, pid)
		if err != nil && len(t.PIDs) > 0 {
			return Found{}, fmt.Errorf("pid %d: %w (%w)", pid, ErrNoProcess, err)
		}
		if err != nil || !t.isAlive(p.ID) {
			continue
		}
		p.Target = true
		out.Processes = append(out.Processes, p)
	}
	if len(out.Processes) == 0 {
		return out, ErrNoMatch
	}
	return out, nil
}

// find returns the pids of the target, some of which may be gone already.
func find(ctx context.Context, t Target) ([]int, error) {
	if t.All() {
		return processes.Table{}.PIDs()
	}
	var found selection
	if len(t.PIDs)+len(t.Alive) > 0 {
		found.narrow(pidsOf(&t))
	}
	if len(t.Names) > 0 {
		pids, err := findByNames(ctx, processes.Table{}, t.Names)
		if err != nil {
			return nil, err
		}
		found.narrow(pids)
	}
	return found.pids, found.empty()
}

// Gone returns which of the processes are not any more the ones they were.
func (Resolver) Gone(ctx context.Context, list []socket.Process) map[int]bool {
	gone := map[int]bool{}
	for i := range list {
		if now, err := processes.Describe(ctx, list[i].ID.PID); err != nil || now.ID != list[i].ID {
			gone[list[i].ID.PID] = true
		}
	}
	return gone
}

// Processes returns the machine's table of processes.
func Processes() (Table, error) { return processes.Table{}, nil }
