package scan

import (
	"context"
	"errors"
	"iter"

	"github.com/sockleak/sockleak/internal/scan/target"
	"github.com/sockleak/sockleak/internal/socket"
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

// Find returns the processes that a look at the target would begin with, without
// looking at their sockets. It fails as [Scanner.Look] does.
func Find(ctx context.Context, t Target) ([]socket.Process, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	m, err := openMachine(Options{})
	if err != nil {
		return nil, err
	}
	found, err := m.resolver.Resolve(ctx, t)
	return found.Processes, errors.Join(err, m.close())
}
