package scan

import (
	"errors"
	"io/fs"
	"os"
	"runtime"

	"github.com/sockleak/sockleak/internal/scan/pidfd"
	"github.com/sockleak/sockleak/internal/scan/procfs"
	"github.com/sockleak/sockleak/internal/socket"
)

// procRoot is where proc(5) says that the process information is mounted.
const procRoot = "/proc"

// system answers questions about processes from /proc.
type system struct {
	proc procfs.FS
	diag *sockdiagSource // for look-ups, whichever source collects

	listening map[uint64]listening       // by network namespace, see listeningPorts
	waiting   map[socket.ProcessID]waits // see epolls
	absent    absences                   // that were searched for in other namespaces
	rings     rings                      // see ringSockets

	noStacks     bool   // see Options
	host, bootID string // these do not change while we run
	known        known  // from the look before
	lines        pidfd.Lifelines
}

func newSystem() (*system, error) {
	proc, err := procfs.New(procRoot)
	if err != nil {
		return nil, err
	}
	sys := &system{proc: proc, diag: newSockdiagSource(), listening: map[uint64]listening{}, bootID: proc.BootID()}
	sys.host, _ = os.Hostname()
	return sys, nil
}

// leaveMemory has the memory of processes left alone.
func (sys *system) leaveMemory() {
	sys.noStacks = true
	sys.proc = sys.proc.WithoutMemory()
}

// allProcesses returns the machine's table of processes.
func allProcesses() (processTable, error) { return procfs.New(procRoot) }

func (sys *system) close() error {
	sys.lines.Close()
	return sys.diag.Close()
}

// describe notes what is known of the machine.
func (sys *system) describe(snap *socket.Snapshot) {
	snap.OS, snap.Host, snap.BootID = runtime.GOOS, sys.host, sys.bootID
}

// verify drops every process that is not any more the one it was when the
// look began, and the sockets that only it held: the pid may have been
// reused between two reads. It fails when the target was one pid, and that
// process is gone.
func (sys *system) verify(t Target, d *Draft) error {
	if sys.justSampled(d) && sys.lines.AllAlive(d.snap.Processes) {
		return nil
	}
	sys.lines.Attach(d.snap.Processes)
	gone := map[int]bool{}
	for i := range d.snap.Processes {
		p := &d.snap.Processes[i]
		stat, err := sys.proc.Stat(p.ID.PID)
		if errors.Is(err, fs.ErrNotExist) || err == nil && stat.Start != p.ID.Start {
			gone[p.ID.PID] = true
		} else if err == nil {
			p.CPU, p.Threads, p.RunState = stat.CPU, stat.Threads, stat.State // the rest may be from the look before
		}
	}
	if len(gone) == 0 {
		sys.sample(d)
		return nil
	}
	sys.forget()
	for _, pid := range t.PIDs {
		if gone[pid] {
			d.Gap(socket.Gap{Where: "pid " + itoa(pid), Why: "it ended during the look", Blinds: true})
		}
	}
	d.drop(gone)
	return nil
}
