package scan

import (
	"context"
	"iter"

	"github.com/sockleak/sockleak/internal/scan/gops"
)

// Running yields the pids and names of the running processes, for completing
// a command line. The names are untrusted. It needs no privilege.
func Running() iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		ctx := context.Background()
		pids, err := gops.PIDs(ctx)
		if err != nil {
			return
		}
		for _, pid := range pids {
			if p, err := gops.Process(ctx, pid); err == nil && p.Name != "" && !yield(pid, p.Name) {
				return
			}
		}
	}
}
