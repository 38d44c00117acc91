//go:build amd64 || arm64

package ptrace

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/capability"
)

// Start starts a program as os.StartProcess does, and traces it. Where it
// fails, nothing of the program has run: tracing may be forbidden (by yama, a
// container's seccomp profile, another tracer), or the program may not exist.
func Start(path string, args []string, attr *os.ProcAttr, o Options) (*Command, error) {
	c := &Command{done: make(chan struct{}), do: make(chan func(*loop)), over: make(chan struct{}), filtered: o.Call != nil}
	started := make(chan error)
	go func() {
		// The thread is never unlocked, so that it ends with the goroutine:
		// nothing else ever runs under its filter.
		runtime.LockOSThread()
		l := loop{Options: o, command: c, threads: map[int]bool{}, ending: map[int]*Exit{}, held: map[int]*Call{}, again: map[int]bool{}, files: map[file]bool{}, watches: map[int]watch{}, changed: make(chan os.Signal, 1)}
		err := l.start(path, args, attr)
		started <- err
		if err == nil {
			l.run()
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return c, nil
}

// start starts the program, stopped, and takes hold of it.
func (l *loop) start(path string, args []string, attr *os.ProcAttr) (err error) {
	if l.Prepare != nil {
		if err := l.Prepare(); err != nil {
			return err
		}
	}
	if l.Call != nil {
		if err := install(); err != nil {
			return err
		}
	}
	own, err := capability.Effective()
	l.capable = err == nil && own.Has(unix.CAP_SYS_PTRACE)
	with := *attr
	with.Sys = &syscall.SysProcAttr{}
	if attr.Sys != nil {
		*with.Sys = *attr.Sys
	}
	with.Sys.Ptrace = true
	if l.command.process, err = os.StartProcess(path, args, &with); err != nil {
		return err
	}
	if err := l.seize(l.command.process.Pid); err != nil {
		_ = unix.Kill(l.command.process.Pid, unix.SIGKILL)
		_, _ = unix.Wait4(l.command.process.Pid, nil, unix.WALL, nil)
		return fmt.Errorf("trace the command: %w", err)
	}
	return nil
}

// seize exchanges PTRACE_TRACEME, which the new process has called, for
// PTRACE_SEIZE, by which job control works: a stopped process stays stopped. In
// between SIGSTOP holds it, at its first instruction.
func (l *loop) seize(pid int) error {
	var status unix.WaitStatus
	if err := wait(pid, &status); err != nil {
		return err
	}
	if !status.Stopped() {
		return errors.New("it ended before its first instruction")
	}
	if done, err := l.spare(pid); done {
		return err
	}
	if err := detach(pid, unix.SIGSTOP); err != nil {
		return err
	}
	if err := request(unix.PTRACE_SEIZE, pid, 0, l.options(true)); err != nil {
		return err
	}
	if err := wait(pid, &status); err != nil {
		return err
	}
	if !status.Stopped() {
		return errors.New("it ended before its first instruction")
	}
	l.threads[pid] = true
	l.observe(pid, false)
	if l.Exec != nil {
		l.Exec(pid, NeedsNothing)
	}
	l.first = pid // SIGCONT is ours, and not for the program to see
	if err := unix.Kill(pid, unix.SIGCONT); err != nil {
		return err
	}
	return request(unix.PTRACE_CONT, pid, 0, 0)
}

// spare lets go of a command that is itself a program that a tracer would be in
// the way of. It reports whether it has. Under a filter there is no letting go.
func (l *loop) spare(pid int) (bool, error) {
	need := l.needs(pid)
	switch {
	case need == NeedsNothing:
		return false, nil
	case l.Call != nil && need == NeedsPtrace:
		return true, errors.New(commOf(pid) + " traces programs itself, and a process has one tracer")
	case l.Call != nil:
		return true, errors.New(commOf(pid) + " has rights by its file, which it does not get under a tracer without privileges")
	case need == NeedsRights:
		if err := l.execAgain(pid); err != nil {
			return true, fmt.Errorf("give the command its rights: %w", err)
		}
	}
	why := commOf(pid) + " is a program that must not be traced"
	l.leaving = true
	l.command.why.Store(&why)
	return true, detach(pid, 0)
}

func (l *loop) options(exit bool) uintptr {
	options := unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK | unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_TRACESYSGOOD
	if l.Call != nil {
		options |= unix.PTRACE_O_TRACESECCOMP | unix.PTRACE_O_EXITKILL
	}
	if exit && l.Exit != nil {
		options |= unix.PTRACE_O_TRACEEXIT
	}
	return uintptr(options)
}

// wait waits for the child.
func wait(pid int, status *unix.WaitStatus) error {
	for {
		_, err := unix.Wait4(pid, status, unix.WALL, nil)
		if err != unix.EINTR {
			return err
		}
	}
}

func request(what, tid int, addr, data uintptr) error {
	_, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(what), uintptr(tid), addr, data, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// signalInfo reads the siginfo_t of the signal that a thread has stopped for.
func signalInfo(tid int, info *[128 / 4]int32) error {
	return request(unix.PTRACE_GETSIGINFO, tid, 0, uintptr(unsafe.Pointer(info)))
}

// peek reads a word of a stopped thread's memory.
func peek(tid int, addr uint64) (word uint64, err error) {
	// The kernel's call, other than that of libc, stores the word.
	err = request(unix.PTRACE_PEEKDATA, tid, uintptr(addr), uintptr(unsafe.Pointer(&word)))
	return word, err
}
