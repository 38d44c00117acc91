package scan

import (
	"iter"

	"github.com/sockleak/sockleak/internal/scan/target"
)

// Running yields the pids and names of the running processes, for completing
// a command line. The names are untrusted. It needs no privilege.
func Running() iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		table, err := target.Processes()
		if err != nil {
			return
		}
		pids, err := table.PIDs()
		if err != nil {
			return
		}
		for _, pid := range pids {
			if name, err := table.Name(pid); err == nil && name != "" && !yield(pid, name) {
				return
			}
		}
	}
}
