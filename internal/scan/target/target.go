// Package target finds the processes that the user means, and describes them.
// On Linux it knows pids, names, ports, containers, units and descendants, from
// /proc and sock_diag; on other systems pids and names, through gopsutil.
package target

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/sockleak/sockleak/internal/socket"
)

// Target is what the user asked to look at. The zero value means every
// process that may be read.
//
// Each of the lists selects the processes that match one of its entries; those
// that are given narrow each other. An entry that matches nothing is an error.
type Target struct {
	PIDs []int // processes by pid
	// Alive names processes by identity. One that has ended is left out
	// without a word, as is normal among the children of a command.
	Alive      []socket.ProcessID
	Names      []*regexp.Regexp // processes whose name or command line matches
	Ports      []uint16         // processes that have a socket bound to the local port
	Containers []string         // processes of the container, by (a prefix of) its id
	Units      []string         // processes of the systemd unit
	Tree       bool             // their descendants too
}

// All reports whether the target is every process.
func (t *Target) All() bool {
	return len(t.PIDs)+len(t.Alive)+len(t.Names)+len(t.Ports)+len(t.Containers)+len(t.Units) == 0
}

// ByPID reports whether processes are named one by one and nothing else
// selects any.
func (t *Target) ByPID() bool {
	return !t.All() && len(t.Names)+len(t.Ports)+len(t.Containers)+len(t.Units) == 0
}

// Found is what a target was resolved to.
type Found struct {
	Processes []socket.Process // by pid
	Gaps      []socket.Gap     // what may be missing
}

func (f *Found) gap(g socket.Gap) { f.Gaps = append(f.Gaps, g) }

// The errors of resolving a target. Each is wrapped with what was asked for.
var (
	// ErrNoProcess: no process has the pid.
	ErrNoProcess = errors.New("no such process")
	// ErrZombie: the process has ended; its sockets are closed.
	ErrZombie = errors.New("is a zombie: it has ended, and the kernel has closed its sockets")
	// ErrKernelThread: the pid is a thread of the kernel.
	ErrKernelThread = errors.New("is a kernel thread: it has no descriptors")
	// ErrNoMatch: nothing that runs matches the target.
	ErrNoMatch = errors.New("no running process matches")
	// ErrBadTarget: the target can match nothing, whatever runs.
	ErrBadTarget = errors.New("bad target")
)

// Check finds what is wrong with the target without looking at any process.
func (t *Target) Check() error {
	for _, pid := range t.PIDs {
		if pid <= 0 {
			return fmt.Errorf("%w: pid %d: pids are positive numbers", ErrBadTarget, pid)
		}
	}
	return nil
}

// isAlive reports whether the process is the one that Alive names by its
// pid, or is not named there at all. On systems where the start is not known
// to whoever made the identity, it is 0 and the pid decides.
func (t *Target) isAlive(id socket.ProcessID) bool {
	for _, want := range t.Alive {
		if want.PID == id.PID {
			return want.Start == 0 || want.Start == id.Start
		}
	}
	return true
}
