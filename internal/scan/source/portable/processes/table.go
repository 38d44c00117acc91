package processes

import (
	"context"
	"os"

	"github.com/shirou/gopsutil/v3/process"
)

// Table is the machine's table of processes as gopsutil reads it. Names and
// arguments are untrusted. What it needs is the system's own affair: on most,
// other users' processes are listed, and not all of them have arguments.
type Table struct{}

// Self returns the pid of the calling process.
func (Table) Self() int { return os.Getpid() }

// PIDs returns the pids of all processes.
func (Table) PIDs() ([]int, error) {
	list, err := process.PidsWithContext(context.Background())
	if err != nil {
		return nil, err
	}
	pids := make([]int, len(list))
	for i, pid := range list {
		pids[i] = int(pid)
	}
	return pids, nil
}

// Name returns the name of the process's program. It fails when the process
// is gone.
func (Table) Name(pid int) (string, error) {
	p, err := process.NewProcess(int32(pid))
	if err != nil {
		return "", err
	}
	return p.Name()
}

// Args returns the process's command line. It fails when the process is gone
// or its command line may not be read.
func (Table) Args(pid int) ([]string, error) {
	p, err := process.NewProcess(int32(pid))
	if err != nil {
		return nil, err
	}
	return p.CmdlineSlice()
}

// Parent returns the pid of the process's parent. It fails when the process
// is gone.
func (Table) Parent(pid int) (int, error) {
	p, err := process.NewProcess(int32(pid))
	if err != nil {
		return 0, err
	}
	parent, err := p.Ppid()
	return int(parent), err
}
