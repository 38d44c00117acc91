package gops

import (
	"context"
	"strings"

	"github.com/shirou/gopsutil/v3/process"
)

// Find returns the pids of the processes whose name or command line, its
// arguments joined by blanks, match says yes to. The calling process is left
// out. Processes that end meanwhile or may not be read are skipped. It fails
// when the list of processes cannot be had.
func Find(ctx context.Context, match func(string) bool) ([]int, error) {
	list, err := process.ProcessesWithContext(ctx)
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, p := range list {
		if int(p.Pid) == self() {
			continue
		}
		if name, err := p.NameWithContext(ctx); err == nil && match(name) {
			pids = append(pids, int(p.Pid))
			continue
		}
		if args, err := p.CmdlineSliceWithContext(ctx); err == nil && match(strings.Join(args, " ")) {
			pids = append(pids, int(p.Pid))
		}
	}
	return pids, nil
}
