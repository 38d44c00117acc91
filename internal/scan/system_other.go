//go:build !linux

package scan

import (
	"context"
	"fmt"
	"os"
	"runtime"

	"github.com/sockleak/sockleak/internal/scan/gops/processes"
	"github.com/sockleak/sockleak/internal/socket"
)

// system answers questions about processes through gopsutil.
type system struct{}

func newSystem() (*system, error) { return &system{}, nil }

func (*system) close() error { return nil }

// leaveMemory has the memory of processes left alone, which is not read here.
func (*system) leaveMemory() {}

// allProcesses returns the machine's table of processes.
func allProcesses() (processTable, error) { return processes.Table{}, nil }

// learn takes over what a source found out by the way, which here is nothing.
func (*system) learn(Source) {}

// describe notes what is known of the machine.
func (*system) describe(snap *socket.Snapshot) {
	snap.OS = runtime.GOOS
	snap.Host, _ = os.Hostname()
}

// resolve finds the processes of the target and describes them in the draft.
func (*system) resolve(ctx context.Context, t Target, d *Draft) error {
	if len(t.Ports)+len(t.Containers)+len(t.Units) > 0 || t.Tree {
		return fmt.Errorf("%w: on %s only pids and --name select processes", ErrBadTarget, runtime.GOOS)
	}
	pids, err := find(ctx, t)
	if err != nil {
		return err
	}
	for _, pid := range pids {
		p, err := processes.Describe(ctx, pid)
		if err != nil && len(t.PIDs) > 0 {
			return fmt.Errorf("pid %d: %w (%w)", pid, ErrNoProcess, err)
		}
		if err != nil || !t.isAlive(p.ID) {
			continue
		}
		p.Target = true
		d.snap.Processes = append(d.snap.Processes, p)
	}
	if len(d.snap.Processes) == 0 {
		return ErrNoMatch
	}
	return nil
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

// survey has nothing to say here.
func (*system) survey(context.Context, *Draft) {}

// complete has nothing to add here.
func (*system) complete(context.Context, *Draft, Options) error { return nil }

// verify drops the processes that are not any more the ones they were.
func (*system) verify(t Target, d *Draft) error {
	gone := map[int]bool{}
	for _, p := range d.snap.Processes {
		if now, err := processes.Describe(context.Background(), p.ID.PID); err != nil || now.ID != p.ID {
			gone[p.ID.PID] = true
		}
	}
	if len(gone) > 0 {
		d.drop(gone)
	}
	return nil
}
