//go:build amd64 || arm64

package ptrace

import (
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// longestHold is how long a process stands still at its exit at most, whatever
// becomes of those who wanted to look at it.
const longestHold = 5 * time.Second

// exits serves a thread that is about to end. It reports true where it is to
// stand still.
func (l *loop) exits(tid int) bool {
	if l.Exit == nil || !leads(tid) {
		return false
	}
	l.unset(tid)
	return l.exit(&Exit{PID: tid, command: l.command})
}

// exit tells of a process, and reports whether it is to stand still.
func (l *loop) exit(e *Exit) bool {
	if l.Exit == nil || !l.Exit(e) {
		return false
	}
	l.ending[e.PID] = e
	l.announce()
	time.AfterFunc(longestHold, e.Release)
	return true
}

// Release lets the process go on to its end. It may be called from any
// goroutine but within Options.Exit, and more than once.
func (e *Exit) Release() {
	e.command.ask(func(l *loop) {
		if l.ending[e.PID] == e { // it has not been killed, and nobody else has its pid
			delete(l.ending, e.PID)
			l.resume(e.PID, 0)
		}
	})
}

// Release lets the thread go on. It may be called from any goroutine but within
// Options.Call, and more than once.
func (c *Call) Release() {
	c.command.ask(func(l *loop) {
		if l.held[c.TID] == c { // it has not been killed, and nobody else has its id
			delete(l.held, c.TID)
			l.resume(c.TID, 0)
		}
	})
}

// Leave lets go of the command and all that it started: they run on by
// themselves. why is what Untraced returns from then on. It returns when nothing of
// the tracer is left in them, or after a second. Under a filter, when Options.Call
// is set, it does nothing.
func (c *Command) Leave(why string) {
	if c.filtered {
		return
	}
	clean := make(chan struct{})
	c.ask(func(l *loop) {
		l.leave(why)
		l.clean = clean
		l.settled()
	})
	select {
	case <-clean:
	case <-c.over:
	case <-time.After(time.Second): // one that hangs in the kernel
	}
}

// settled tells Leave when nobody is watched any more.
func (l *loop) settled() {
	if l.clean != nil && len(l.watches) == 0 {
		close(l.clean)
		l.clean = nil
	}
}

func (l *loop) leave(why string) {
	if l.leaving || l.Call != nil {
		return
	}
	l.leaving = true
	l.command.why.Store(&why)
	for tid := range l.threads {
		if l.ending[tid] == nil {
			_ = request(unix.PTRACE_INTERRUPT, tid, 0, 0) // each is let go when it stops
		}
	}
	for tid := range l.ending {
		delete(l.ending, tid)
		l.resume(tid, 0)
	}
}

// ask has the tracer's thread call f.
func (c *Command) ask(f func(*loop)) {
	select {
	case c.do <- f:
	case <-c.over:
	}
}

// leads reports whether the thread is the leader of its process: only those
// have a pidfd (pidfd_open(2), Linux 5.3).
func leads(tid int) bool {
	fd, err := unix.PidfdOpen(tid, 0)
	if err != nil {
		return false
	}
	_ = unix.Close(fd)
	return true
}

func commOf(pid int) string {
	comm, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
	if err != nil {
		return "a program"
	}
	return strings.TrimSpace(string(comm))
}
