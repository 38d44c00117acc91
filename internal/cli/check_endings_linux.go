package cli

import (
	"os"
	"time"

	"github.com/sockleak/sockleak/internal/caller"
	"github.com/sockleak/sockleak/internal/check"
	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/program"
	"github.com/sockleak/sockleak/internal/ptrace"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/supervise"
)

// endings tells check.Follow of the processes of a command that are about to end.
type endings struct {
	came    chan check.Ending
	fs      proc.FS
	now     func() time.Time
	given   map[uint64]bool // inodes of sockets that the command was given
	command *ptrace.Command // nil where it could not be traced
	why     string          // that is
}

// manyEndings are waiting to be heard of at most: those without sockets do not
// wait for that.
const manyEndings = 4096

func newEndings(now func() time.Time, given map[uint64]bool) (*endings, error) {
	fs, err := proc.New("/proc")
	return &endings{came: make(chan check.Ending, manyEndings), fs: fs, now: now, given: given}, err
}

// start implements supervise.Starter. A command that cannot be traced runs all
// the same.
func (e *endings) start(path string, args []string, attr *os.ProcAttr) (supervise.Process, error) {
	c, traced := ptrace.Start(path, args, attr, ptrace.Options{Prepare: caller.Limit, Exit: e.exit, Watch: e.watch})
	if traced == nil {
		e.command = c
		return c, nil
	}
	p, err := supervise.StartProcess(path, args, attr)
	if err == nil {
		e.why = traced.Error()
	}
	return p, err
}

// watch is ptrace.Options.Watch: what an interpreter closes when it shuts down was
// held by the program until then.
func (*endings) watch(pid int, _ bool) (word uint64, later bool) {
	return program.Finalizing("/proc", pid)
}

// exit is told of a process that is about to end. It stands still while it is
// looked at: where it holds sockets, and where it is the command's own, of which
// at least the name is wanted.
func (e *endings) exit(x *ptrace.Exit) bool {
	stat, err := e.fs.Stat(x.PID)
	if err != nil {
		return false
	}
	ending := check.Ending{ID: socket.ProcessID{PID: x.PID, Start: stat.Start}, At: e.now(), Closing: x.Closing}
	switch {
	case e.holdsSockets(x.PID), stat.Parent == os.Getpid() && !x.Closing:
		ending.Release = x.Release
	case x.Closing: // there is nothing to close
		return false
	}
	select {
	case e.came <- ending:
		return ending.Release != nil
	default: // nobody listens
		return false
	}
}

// holdsSockets reports whether the process has a socket of its own, or may have
// one: it cannot be read.
func (e *endings) holdsSockets(pid int) bool {
	found := false
	_, err := e.fs.SocketFDs(pid, func(_ int32, inode uint64) { found = found || !e.given[inode] })
	return found || err != nil
}

// untraced returns why the ends of processes are not seen exactly, or "".
func (e *endings) untraced() string {
	if e.command != nil {
		return e.command.Untraced()
	}
	return e.why
}

// leave lets go of what the command has left running.
func (e *endings) leave() {
	if e.command != nil {
		e.command.Leave("")
	}
}
