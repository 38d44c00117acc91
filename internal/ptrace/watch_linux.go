//go:build amd64 || arm64

package ptrace

import (
	"fmt"
	"os"
	"strings"
)

// watch is what a debug register of the processor stops a process at: nothing is
// written into the program for it.
type watch struct {
	addr uint64
	code bool // the instruction at addr; else the word there, when it is written
}

// hardwareBreakpoint is the si_code of a SIGTRAP that a debug register has raised
// (TRAP_HWBKPT, asm-generic/siginfo.h).
const hardwareBreakpoint = 4

// observe watches the word that Options.Watch names, or the first instruction of
// the program, by when its libraries are mapped.
func (l *loop) observe(pid int, mapped bool) {
	delete(l.watches, pid)
	if l.Watch == nil || l.leaving {
		return
	}
	word, later := l.Watch(pid, mapped)
	w := watch{addr: word}
	if later && !mapped {
		w.addr, _ = auxiliary(pid, atEntry)
		w.code = true
	}
	l.set(pid, w)
}

// set begins to watch. Where the machine cannot, nobody is told.
func (l *loop) set(pid int, w watch) {
	if w.addr != 0 && w.set(pid) == nil {
		l.watches[pid] = w
	}
}

// unset ends it. Without a tracer the signal would end the process.
func (l *loop) unset(pid int) {
	if _, watched := l.watches[pid]; watched {
		_ = watch{}.set(pid)
		delete(l.watches, pid)
	}
}

// inherit watches a process that was forked off as its parent is: a debug
// register is of one thread.
func (l *loop) inherit(pid int) {
	if len(l.watches) == 0 {
		return
	}
	if w, watched := l.watches[parentOf(pid)]; watched && !w.code {
		l.set(pid, w)
	}
}

// trapped serves a SIGTRAP. It reports false where that is the program's own.
func (l *loop) trapped(pid int) bool {
	w, watched := l.watches[pid]
	if !watched || code(pid) != hardwareBreakpoint {
		return false
	}
	if w.code {
		l.unset(pid)
		l.observe(pid, true)
		l.resume(pid, 0)
		return true
	}
	if word, err := peek(pid, w.addr); err == nil && word == 0 {
		l.resume(pid, 0) // it was set to what it is at the beginning
		return true
	}
	l.unset(pid)
	if !l.exit(&Exit{PID: pid, Closing: true, command: l.command}) {
		l.resume(pid, 0)
	}
	return true
}

// code returns the si_code of the signal that a thread has stopped for
// (sigaction(2)): the third of the ints that siginfo_t begins with.
func code(tid int) int32 {
	var info [128 / 4]int32
	if err := signalInfo(tid, &info); err != nil {
		return 0
	}
	return info[2]
}

// parentOf returns the pid of a process's parent (proc_pid_status(5)).
func parentOf(pid int) (parent int) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(status), "\nPPid:\t")
	_, _ = fmt.Sscan(rest, &parent)
	return parent
}

// The addresses of the program's first instruction, and of the name under which it
// was executed (linux/auxvec.h).
const (
	atEntry  = 9
	atExecFn = 31
)
