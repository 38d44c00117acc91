//go:build amd64 || arm64

package ptrace

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// loop is the tracer: it belongs to one thread.
type loop struct {
	Options
	command *Command
	first   int // the process whose next SIGCONT is ours
	regs    registers
}

// eventStop is the event of PTRACE_SEIZE for group stops and new threads
// (PTRACE_EVENT_STOP, linux/ptrace.h).
const eventStop = 128

// run serves the stops until nobody is left.
func (l *loop) run() {
	for {
		var status unix.WaitStatus
		// Only of this thread: other children of the program are others'.
		tid, err := unix.Wait4(-1, &status, unix.WALL|unix.WNOTHREAD, nil)
		switch {
		case err == unix.EINTR:
		case err != nil: // ECHILD: nobody is left
			return
		case status.Stopped():
			l.stop(tid, status)
		default:
			if tid == l.command.process.Pid {
				l.command.status = syscall.WaitStatus(status)
				close(l.command.done)
			}
		}
	}
}

// stop serves one stop and lets the thread go on. Errors are of threads that
// were killed meanwhile.
func (l *loop) stop(tid int, status unix.WaitStatus) {
	event, sig := int(status)>>16, status.StopSignal()
	switch {
	case event == unix.PTRACE_EVENT_SECCOMP:
		_ = request(unix.PTRACE_SYSCALL, tid, 0, 0)
		return
	case event == 0 && sig == unix.SIGTRAP|0x80: // PTRACE_O_TRACESYSGOOD
		l.returned(tid)
		sig = 0
	case event == eventStop && stops(sig):
		_ = request(unix.PTRACE_LISTEN, tid, 0, 0) // it stays stopped until SIGCONT
		return
	case event == unix.PTRACE_EVENT_EXEC:
		if l.Exec != nil {
			l.Exec(tid)
		}
		sig = 0
	case event == unix.PTRACE_EVENT_EXIT:
		if l.Exit != nil {
			l.Exit(tid)
		}
		sig = 0
	case event != 0:
		sig = 0
	case sig == unix.SIGCONT && tid == l.first:
		l.first, sig = 0, 0
	}
	_ = request(unix.PTRACE_CONT, tid, 0, uintptr(sig))
}

// stops reports whether the signal stops a process: the event is of a group
// stop then.
func stops(sig unix.Signal) bool {
	return sig == unix.SIGSTOP || sig == unix.SIGTSTP || sig == unix.SIGTTIN || sig == unix.SIGTTOU
}

// returned tells of a call that has returned.
func (l *loop) returned(tid int) {
	if l.regs.read(tid) == nil {
		call := l.regs.call(tid)
		l.Call(&call)
	}
}
