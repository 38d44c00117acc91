package scan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/sockleak/sockleak/internal/socket"
)

// resolve finds the processes of the target and describes them in the draft.
func (sys *system) resolve(ctx context.Context, t Target, d *Draft) error {
	if sys.recall(&t, d) {
		return ctx.Err()
	}
	sys.forget()
	if err := sys.findAll(ctx, t, d); err != nil {
		return err
	}
	sys.remember(t, d)
	return nil
}

// findAll is resolve without the help of an earlier look.
func (sys *system) findAll(ctx context.Context, t Target, d *Draft) error {
	pids, err := sys.find(ctx, t, d)
	if err != nil {
		return err
	}
	if !t.ByPID() && sys.proc.Hides() {
		d.Gap(socket.Gap{Where: "processes of other users", Why: "/proc does not show them (hidepid)", Blinds: true,
			Hint: "run as root or with CAP_SYS_PTRACE; sockleak doctor says more"})
	}
	named := map[int]bool{}
	for _, pid := range t.PIDs {
		named[pid] = true
	}
	seen := map[int]bool{}
	for i, found := range sys.processes(pids) {
		pid, p, err := pids[i], found.process, found.err
		if err != nil && named[pid] {
			return err
		}
		if err != nil || seen[pid] || !t.isAlive(p.ID) {
			continue
		}
		seen[pid] = true
		p.Target = true
		d.snap.Processes = append(d.snap.Processes, p)
	}
	if len(d.snap.Processes) == 0 {
		return fmt.Errorf("%w; sockleak scan without a target looks at every process", ErrNoMatch)
	}
	if !t.All() {
		sys.addDescendants(d, t.Tree, seen)
	}
	slices.SortFunc(d.snap.Processes, byPID)
	if len(d.snap.Processes) <= fewProcesses {
		for i := range d.snap.Processes {
			p := &d.snap.Processes[i]
			p.Runtime = sys.proc.Runtime(p)
		}
	}
	return ctx.Err()
}

// fewProcesses is up to how many processes the runtime of each is detected at
// once, while it surely lives. Of more it is when there is something to say.
const fewProcesses = 16

// find returns the pids of the target, some of which may be gone already.
func (sys *system) find(ctx context.Context, t Target, d *Draft) ([]int, error) {
	if t.All() {
		return sys.proc.PIDs()
	}
	var found selection
	if len(t.PIDs)+len(t.Alive) > 0 {
		found.narrow(pidsOf(&t))
	}
	for _, by := range []struct {
		entries int
		find    func() ([]int, error)
	}{
		{len(t.Names), func() ([]int, error) { return findByNames(ctx, sys.proc, t.Names) }},
		{len(t.Containers), func() ([]int, error) { return sys.byContainer(t.Containers) }},
		{len(t.Units), func() ([]int, error) { return sys.byUnit(t.Units) }},
		{len(t.Ports), func() ([]int, error) { return sys.byPort(ctx, t.Ports, d) }},
	} {
		if by.entries == 0 {
			continue
		}
		pids, err := by.find()
		if err != nil {
			return nil, err
		}
		found.narrow(pids)
	}
	return found.pids, found.empty()
}

// described is a process, or why there is none.
type described struct {
	process socket.Process
	err     error
}

// processes describes all of the processes. Each takes some ten files of /proc.
func (sys *system) processes(pids []int) []described {
	list := make([]described, len(pids))
	parallel(len(pids), func(i int) { list[i].process, list[i].err = sys.process(pids[i]) })
	return list
}

// process describes one process that has descriptors of its own. It may be
// called from several goroutines.
func (sys *system) process(pid int) (socket.Process, error) {
	stat, err := sys.proc.Stat(pid)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return socket.Process{}, fmt.Errorf("pid %d: %w; ps -e lists those that run", pid, ErrNoProcess)
	case err != nil:
		return socket.Process{}, err
	case stat.Ended():
		return socket.Process{}, fmt.Errorf("pid %d %w; look at its parent, pid %d", pid, ErrZombie, stat.Parent)
	case stat.KernelThread():
		return socket.Process{}, fmt.Errorf("pid %d %w; name a program instead", pid, ErrKernelThread)
	}
	p, err := sys.proc.Process(pid)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("pid %d: %w; it has just ended", pid, ErrNoProcess)
	}
	return p, err
}

// addDescendants adds the descendants of the targets. Those that run the same
// executable are its workers (prefork servers) and become targets themselves;
// so do all others when the user asked for the tree. The rest is looked at
// only because it may have inherited descriptors.
func (sys *system) addDescendants(d *Draft, tree bool, seen map[int]bool) {
	for i := 0; i < len(d.snap.Processes); i++ { // the list grows while it is read
		parent := d.snap.Processes[i]
		children, err := sys.proc.Children(parent.ID.PID)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			d.Gap(socket.Gap{Where: "children of pid " + itoa(parent.ID.PID), Why: reason(err), Blinds: tree && parent.Target})
		}
		for _, pid := range children {
			if seen[pid] {
				continue
			}
			seen[pid] = true
			p, err := sys.process(pid)
			if err != nil {
				continue
			}
			p.Target = tree || parent.Target && p.Exe != "" && p.Exe == parent.Exe
			d.snap.Processes = append(d.snap.Processes, p)
		}
	}
}

func byPID(a, b socket.Process) int { return cmp.Compare(a.ID.PID, b.ID.PID) }
