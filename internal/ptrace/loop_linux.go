//go:build amd64 || arm64

package ptrace

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// loop is the tracer: it belongs to one thread.
type loop struct {
	Options
	command   *Command
	first     int // the process whose next SIGCONT is ours
	regs      registers
	call      *Call          // that is told of next; nil: a new one
	capable   bool           // it has CAP_SYS_PTRACE
	threads   map[int]bool   // that are traced
	ending    map[int]*Exit  // processes that stand still at their exit
	held      map[int]*Call  // threads that stand still at the return of a call
	again     map[int]bool   // processes that are going to execute their program again
	files     map[file]bool  // executables, and whether they trace others
	watches   map[int]watch  // by pid
	leaving   bool           // each is let go at its next stop
	changed   chan os.Signal // SIGCHLD, while announced
	announced bool
	clean     chan struct{} // nil, or closed when nothing is watched any more
}

// eventStop is the event of PTRACE_SEIZE for group stops and new threads
// (PTRACE_EVENT_STOP, linux/ptrace.h).
const eventStop = 128

// run serves the stops until nobody is left.
func (l *loop) run() {
	defer close(l.command.over)
	l.announce()
	defer func() {
		l.hush()
		raiseStops(true)
	}()
	for l.serve() {
		l.settled()
		select {
		case <-l.changed:
		case f := <-l.command.do:
			f(l)
		}
	}
}

// serve serves all that have stopped or ended. It reports false when nobody is
// left.
func (l *loop) serve() bool {
	for {
		// A call that waits could not be woken for what others want from this thread:
		// that one which stands still goes on. While there is none, such a call takes a
		// fifth of the time that SIGCHLD takes to get here.
		options := unix.WNOHANG
		if l.Call != nil && len(l.ending)+len(l.held) == 0 {
			l.hush()
			options = 0
		}
		var status unix.WaitStatus
		// Only of this thread: other children of the program are others'.
		tid, err := unix.Wait4(-1, &status, unix.WALL|unix.WNOTHREAD|options, nil)
		switch {
		case err == unix.EINTR:
		case err != nil: // ECHILD
			return false
		case tid == 0:
			return true
		case status.Stopped():
			l.stop(tid, status)
		default:
			delete(l.threads, tid)
			delete(l.ending, tid)
			delete(l.held, tid)
			delete(l.watches, tid)
			l.command.halted.Delete(tid)
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
	l.meet(tid)
	switch {
	case event == unix.PTRACE_EVENT_SECCOMP:
		_ = request(unix.PTRACE_SYSCALL, tid, 0, 0)
		return
	case event == 0 && sig == unix.SIGTRAP && l.trapped(tid):
		return
	case event == 0 && sig == unix.SIGTRAP|0x80: // PTRACE_O_TRACESYSGOOD
		if l.again[tid] {
			l.executeAgain(tid)
			return
		}
		if l.returned(tid) {
			return
		}
		sig = 0
	case event == eventStop && stops(sig) && !l.leaving:
		l.command.halted.Store(tid, nil)
		_ = request(unix.PTRACE_LISTEN, tid, 0, 0) // it stays stopped until SIGCONT
		return
	case event == unix.PTRACE_EVENT_EXEC:
		if l.executed(tid) {
			return
		}
		sig = 0
	case event == unix.PTRACE_EVENT_EXIT:
		if l.exits(tid) {
			return
		}
		sig = 0
	case event == eventStop && sig == unix.SIGTRAP: // a new thread, or one that was stopped goes on
		l.command.halted.Delete(tid)
		if l.New != nil {
			l.New(tid)
		}
		sig = 0
	case event != 0:
		sig = 0
	case sig == unix.SIGCONT && tid == l.first:
		l.first, sig = 0, 0
	}
	l.resume(tid, sig)
}

// meet notes a thread. Of those that are no leaders it is not of interest when
// they end: each stop costs them time.
func (l *loop) meet(tid int) {
	if l.threads[tid] {
		return
	}
	l.threads[tid] = true
	if l.Exit != nil {
		leader := leads(tid)
		_ = request(unix.PTRACE_SETOPTIONS, tid, 0, l.options(leader))
		if leader {
			l.inherit(tid)
		}
	}
}

// resume lets a thread go on, with the signal, or lets go of it.
func (l *loop) resume(tid int, sig unix.Signal) {
	if l.leaving {
		delete(l.threads, tid)
		l.unset(tid)
		_ = detach(tid, sig)
		return
	}
	_ = request(unix.PTRACE_CONT, tid, 0, uintptr(sig))
}

// executed serves a process that has executed another program. It reports true
// where the process has been resumed already.
func (l *loop) executed(pid int) bool {
	if former, err := unix.PtraceGetEventMsg(pid); err == nil && int(former) != pid {
		delete(l.threads, int(former)) // it has taken the leader's place
	}
	_ = request(unix.PTRACE_SETOPTIONS, pid, 0, l.options(true))
	need := NeedsNothing
	if !l.leaving {
		need = l.needs(pid)
	}
	if l.Exec != nil {
		l.Exec(pid, need)
	}
	if need == NeedsNothing {
		l.observe(pid, false)
	}
	if l.Call != nil { // without the tracer the filter makes its calls fail
		return false
	}
	switch need {
	case NeedsRights:
		l.again[pid] = true
		_ = request(unix.PTRACE_SYSCALL, pid, 0, 0) // to the return of execve(2)
		return true
	case NeedsPtrace:
		l.leave(commOf(pid) + " is a program that traces others")
	}
	return false
}

// stops reports whether the signal stops a process: the event is of a group
// stop then.
func stops(sig unix.Signal) bool {
	return sig == unix.SIGSTOP || sig == unix.SIGTSTP || sig == unix.SIGTTIN || sig == unix.SIGTTOU
}

// returned tells of a call that has returned. It reports true where the thread is
// to stand still.
func (l *loop) returned(tid int) bool {
	if l.regs.read(tid) != nil {
		return false
	}
	if l.call == nil {
		l.call = new(Call)
	}
	call := l.call
	*call = l.regs.call(tid)
	call.command = l.command
	if !l.Call(call) {
		return false
	}
	l.call = nil // it is somebody else's now
	l.held[tid] = call
	l.announce()
	time.AfterFunc(longestHold, call.Release)
	return true
}
