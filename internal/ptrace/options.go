package ptrace

import (
	"os"
	"sync"
	"sync/atomic"
	"syscall"
)

// Options say what the tracer is told. The functions are called on the thread
// of the tracer, one at a time, while the thread that they are about is stopped.
type Options struct {
	// Prepare is called before the command is started, on the thread that starts
	// and traces it and does nothing else ever after.
	Prepare func() error
	// Call is told when a system call that makes sockets has returned. Where it
	// returns true the thread stands still until Call.Release, for two seconds at
	// most. Nil: no filter is installed.
	Call func(*Call) bool
	// New is told of a thread before its first instruction.
	New func(tid int)
	// Exec is told that the process has executed another program, or the command
	// itself, and what that does not get under the tracer.
	Exec func(pid int, missing Need)
	// Exit is told that a process is about to end, with its descriptors open. Where
	// it returns true the process stands still until Exit.Release, for five seconds
	// at most.
	Exit func(*Exit) bool
	// Watch is asked, at the first instruction of each program that a process
	// executes, for the address of a word that is 0 until its interpreter begins to
	// close what the program has left open; 0 for none. later asks for the same
	// question once more, when the libraries are mapped. When the word is written,
	// Exit is told of the process, which is Closing then. Nil: there is no such word.
	Watch func(pid int, mapped bool) (word uint64, later bool)
}

// Need is what a program needs that it cannot have under a tracer.
type Need int

// The needs.
const (
	NeedsNothing Need = iota
	NeedsPtrace       // to trace others: debuggers, sanitizers that look for leaks
	NeedsRights       // more than its caller has: its set-user-ID bit or capabilities
)

// Exit is a process that is about to end.
type Exit struct {
	PID int
	// Closing is true where its interpreter is going to close what the program has
	// left open. It runs on afterwards, and Options.Exit is told again at its end.
	Closing bool
	command *Command
}

// Command is a command that is traced.
type Command struct {
	process *os.Process
	done    chan struct{}
	status  syscall.WaitStatus // valid after done
	do      chan func(*loop)
	over    chan struct{} // closed when nobody is left
	why     atomic.Pointer[string]
	halted  sync.Map // threads that a signal has stopped
	// filtered is true under a filter.
	filtered bool
}

// Untraced returns why the command is not traced any more; "" while it is.
func (c *Command) Untraced() string {
	if why := c.why.Load(); why != nil {
		return *why
	}
	return ""
}

// Halted reports whether a signal has stopped the process. The kernel shows that
// of a traced one as a stop of the tracer's (state t in proc_pid_stat(5)), which
// also each other stop is.
func (c *Command) Halted(pid int) bool {
	_, halted := c.halted.Load(pid)
	return halted
}

// PID returns the process id of the command's own process.
func (c *Command) PID() int { return c.process.Pid }

// Signal sends a signal to the command's own process; os.ErrProcessDone when it
// has ended.
func (c *Command) Signal(sig os.Signal) error { return c.process.Signal(sig) }

// Wait waits until the command's own process has ended, and returns how. It
// never fails.
func (c *Command) Wait() (syscall.WaitStatus, error) {
	<-c.done
	return c.status, nil
}
