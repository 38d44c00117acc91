package target

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/sockleak/sockleak/internal/parallel"
	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/socket"
)

// Resolver finds processes in /proc. It keeps nothing between two targets.
type Resolver struct{ fs proc.FS }

// NewResolver returns a resolver for the processes of the file system.
func NewResolver(fs proc.FS) Resolver { return Resolver{fs} }

// Resolve finds the processes of the target and describes them. It fails with
// one of the errors of this package where there are none. What it needs beside
// /proc depends on the target: see the files of this package.
func (r Resolver) Resolve(ctx context.Context, t Target) (Found, error) {
	var out Found
	pids, err := r.find(ctx, t, &out)
	if err != nil {
		return Found{}, err
	}
	if !t.ByPID() && r.fs.Hides() {
		out.gap(socket.Gap{Where: "processes of other users", Why: "/proc does not show them (hidepid)", Blinds: true,
			Hint: "run as root or with CAP_SYS_PTRACE; sockleak doctor says more"})
	}
	named := map[int]bool{}
	for _, pid := range t.PIDs {
		named[pid] = true
	}
	seen := map[int]bool{}
	for i, found := range r.describe(pids) {
		pid, p, err := pids[i], found.process, found.err
		if err != nil && named[pid] {
			return Found{}, err
		}
		if err != nil || seen[pid] || !t.isAlive(p.ID) {
			continue
		}
		seen[pid] = true
		p.Target = true
		out.Processes = append(out.Processes, p)
	}
	if len(out.Processes) == 0 {
		return Found{}, fmt.Errorf("%w; sockleak scan without a target looks at every process", ErrNoMatch)
	}
	if !t.All() {
		r.addDescendants(&out, t.Tree, seen)
	}
	slices.SortFunc(out.Processes, byPID)
	if len(out.Processes) <= fewProcesses {
		for i := range out.Processes {
			p := &out.Processes[i]
			p.Runtime = r.fs.Runtime(p)
		}
	}
	return out, ctx.Err()
}

// fewProcesses is up to how many processes the runtime of each is detected at
// once, while it surely lives. Of more it is when there is something to say.
const fewProcesses = 16

// find returns the pids of the target, some of which may be gone already.
func (r Resolver) find(ctx context.Context, t Target, out *Found) ([]int, error) {
	if t.All() {
		return r.fs.PIDs()
	}
	var found selection
	if len(t.PIDs)+len(t.Alive) > 0 {
		found.narrow(pidsOf(&t))
	}
	for _, by := range []struct {
		entries int
		find    func() ([]int, error)
	}{
		{len(t.Names), func() ([]int, error) { return findByNames(ctx, r.fs, t.Names) }},
		{len(t.Containers), func() ([]int, error) { return r.byContainer(t.Containers) }},
		{len(t.Units), func() ([]int, error) { return r.byUnit(t.Units) }},
		{len(t.Ports), func() ([]int, error) { return r.byPort(ctx, t.Ports, out) }},
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

// describe describes all of the processes. Each takes some ten files of /proc.
func (r Resolver) describe(pids []int) []described {
	list := make([]described, len(pids))
	parallel.Do(len(pids), func(i int) { list[i].process, list[i].err = r.process(pids[i]) })
	return list
}

// process describes one process that has descriptors of its own. It may be
// called from several goroutines.
func (r Resolver) process(pid int) (socket.Process, error) {
	stat, err := r.fs.Stat(pid)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return socket.Process{}, fmt.Errorf("pid %d: %w; ps -e lists running processes", pid, ErrNoProcess)
	case err != nil:
		return socket.Process{}, err
	case stat.Ended():
		return socket.Process{}, fmt.Errorf("pid %d %w; look at its parent, pid %d", pid, ErrZombie, stat.Parent)
	case stat.KernelThread():
		return socket.Process{}, fmt.Errorf("pid %d %w; name a program instead", pid, ErrKernelThread)
	}
	p, err := r.fs.Process(pid)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("pid %d: %w; it has just ended", pid, ErrNoProcess)
	}
	return p, err
}

// addDescendants adds the descendants of the targets. Those that run the same
// executable are its workers (prefork servers) and become targets themselves;
// so do all others when the user asked for the tree. The rest is looked at
// only because it may have inherited descriptors.
func (r Resolver) addDescendants(out *Found, tree bool, seen map[int]bool) {
	for i := 0; i < len(out.Processes); i++ { // the list grows while it is read
		parent := out.Processes[i]
		children, err := r.fs.Children(parent.ID.PID)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			out.gap(socket.Gap{Where: fmt.Sprintf("children of pid %d", parent.ID.PID), Why: source.Reason(err), Blinds: tree && parent.Target})
		}
		for _, pid := range children {
			if seen[pid] {
				continue
			}
			seen[pid] = true
			p, err := r.process(pid)
			if err != nil {
				continue
			}
			p.Target = tree || parent.Target && p.Exe != "" && p.Exe == parent.Exe
			out.Processes = append(out.Processes, p)
		}
	}
}

func byPID(a, b socket.Process) int { return cmp.Compare(a.ID.PID, b.ID.PID) }

// Gone returns which of the processes are not any more the ones they were: the
// pid may have been reused between two reads.
func (r Resolver) Gone(_ context.Context, list []socket.Process) map[int]bool {
	gone := map[int]bool{}
	for i := range list {
		id := list[i].ID
		if start, err := r.fs.Start(id.PID); errors.Is(err, fs.ErrNotExist) || err == nil && start != id.Start {
			gone[id.PID] = true
		}
	}
	return gone
}

// Processes returns the machine's table of processes.
func Processes() (Table, error) { return proc.New(proc.Root) }
