package gops

import (
	"context"
	"os"
	"strings"

	"github.com/shirou/gopsutil/v3/process"
)

// Find returns the pids of the processes whose name or command line, its
// arguments joined by blanks, match says yes to. The calling process is left
// out, and so are those that started it (a shell, sudo, timeout) when only
// their arguments match: they hold the pattern itself. Processes that end meanwhile or may not be read are skipped. It fails
// when the list of processes cannot be had.
func Find(ctx context.Context, match func(string) bool) ([]int, error) {
	list, err := process.ProcessesWithContext(ctx)
	if err != nil {
		return nil, err
	}
	above := ancestors(ctx)
	var pids []int
	for _, p := range list {
		if int(p.Pid) == self() {
			continue
		}
		if name, err := p.NameWithContext(ctx); err == nil && match(name) {
			pids = append(pids, int(p.Pid))
			continue
		}
		if above[p.Pid] {
			continue
		}
		if args, err := p.CmdlineSliceWithContext(ctx); err == nil && match(strings.Join(args, " ")) {
			pids = append(pids, int(p.Pid))
		}
	}
	return pids, nil
}

// ancestors returns the pids of the calling process's parent, its parent, and
// so on.
func ancestors(ctx context.Context) map[int32]bool {
	above := map[int32]bool{}
	for pid := int32(os.Getppid()); pid > 0 && !above[pid]; {
		above[pid] = true
		p, err := process.NewProcessWithContext(ctx, pid)
		if err != nil {
			break
		}
		if pid, err = p.PpidWithContext(ctx); err != nil {
			break
		}
	}
	return above
}
