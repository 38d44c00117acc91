package target

import (
	"context"
	"strings"
)

// Table is the machine's table of processes. The methods about one
// process fail when it has ended or may not be read.
type Table interface {
	PIDs() ([]int, error)
	Name(pid int) (string, error)
	Args(pid int) ([]string, error)
	Parent(pid int) (int, error)
	Self() int // the calling process; 0 when it is not in the table
}

// findByName returns the pids of the processes whose name or command line, its
// arguments joined by blanks, match says yes to. The calling process is left
// out, and so are those that started it (a shell, sudo, timeout) when only
// their arguments match: they hold the pattern itself. Processes that end
// meanwhile or may not be read are skipped. It fails when the list of processes
// cannot be had, or ctx is done.
func findByName(ctx context.Context, table Table, match func(string) bool) ([]int, error) {
	list, err := table.PIDs()
	if err != nil {
		return nil, err
	}
	above := ancestors(table)
	var pids []int
	self := table.Self()
	for _, pid := range list {
		if pid == self {
			continue
		}
		if name, err := table.Name(pid); err == nil && match(name) {
			pids = append(pids, pid)
			continue
		}
		if above[pid] {
			continue
		}
		if args, err := table.Args(pid); err == nil && match(strings.Join(args, " ")) {
			pids = append(pids, pid)
		}
	}
	return pids, ctx.Err()
}

// ancestors returns the pids of the calling process's parent, its parent, and
// so on.
func ancestors(table Table) map[int]bool {
	above := map[int]bool{}
	pid, err := table.Parent(table.Self())
	for err == nil && pid > 0 && !above[pid] {
		above[pid] = true
		pid, err = table.Parent(pid)
	}
	return above
}
