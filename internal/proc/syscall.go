//go:build linux

package proc

import (
	"bytes"
	"errors"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// ThreadSyscall is a thread that sleeps in a system call on descriptors, or
// may do so.
type ThreadSyscall struct {
	TID     int
	Syscall string  // such as recvfrom, poll, epoll_wait
	FDs     []int32 // the descriptors it waits for; of epoll_wait, the epoll set
	// Doubt says why the thread may wait for descriptors that are not in FDs;
	// "" when it cannot.
	Doubt string
	// PC and SP are its program counter and stack pointer in user space.
	PC, SP uint64
	waits  bool // for descriptors, or perhaps
}

// Threads is what the threads of a process are doing.
type Threads struct {
	Blocked []ThreadSyscall // in a system call that concerns descriptors
	Others  []ThreadSyscall // in one that does not, such as futex or nanosleep, or in none: Syscall is "" then
	Running []int           // threads that run, or are ready to
}

// BlockedThreads tells which threads of the process sleep in which system
// call on which descriptors, from /proc/PID/task/TID/syscall. What poll(2),
// select(2) and io_uring(7) wait for lies in the process's memory and is read
// there (/proc/PID/task/TID/mem), of an io_uring as far as its rings go back.
// Threads that end meanwhile are left out.
//
// It needs the right to trace the process (ptrace(2), PTRACE_MODE_ATTACH): the
// same user and kernel.yama.ptrace_scope 0, or CAP_SYS_PTRACE and, for another
// user's process, CAP_DAC_READ_SEARCH. It traces nothing. How long a thread has slept is in no file that every kernel has.
func (fs FS) BlockedThreads(pid int) (Threads, error) {
	tids, err := fs.threads(pid)
	if err != nil {
		return Threads{}, fs.explain(pid, err)
	}
	var found Threads
	for _, tid := range tids {
		thread, running, err := fs.readThread(pid, tid)
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ESRCH) || errors.Is(err, os.ErrPermission) && fs.threadEnded(pid, tid) {
			continue // the thread has ended
		}
		if err != nil {
			return Threads{}, fs.explain(pid, err)
		}
		thread.TID = tid
		switch {
		case running:
			found.Running = append(found.Running, tid)
		case thread.waits:
			found.Blocked = append(found.Blocked, thread)
		default:
			found.Others = append(found.Others, thread)
		}
	}
	_, err = fs.Start(pid) // all threads are gone when the process is
	return found, err
}

// frame is a line of /proc/PID/task/TID/syscall (proc_pid_syscall in
// fs/proc/base.c).
type frame struct {
	running bool
	number  int64 // of the system call; -1 when blocked outside of one
	args    [6]uint64
	stack   uint64 // stack pointer
	pc      uint64 // program counter
}

// readThread reads what one thread is doing. Its memory counts only when it
// was in the same call before and after it was read.
func (fs FS) readThread(pid, tid int) (thread ThreadSyscall, running bool, err error) {
	dir := fs.path(pid, "task/"+strconv.Itoa(tid))
	const attempts = 3
	for range attempts {
		before, err := readFrame(dir)
		if err != nil || before.running {
			return ThreadSyscall{}, before.running, err
		}
		c, ok := callOf(before)
		thread = ThreadSyscall{Syscall: c.name, Doubt: c.doubt, PC: before.pc, SP: before.stack, waits: ok}
		if !ok {
			thread.Syscall = otherCall(before.number)
			return thread, false, nil
		}
		if !c.inMemory() {
			thread.FDs = c.registers(before.args)
			return thread, false, nil
		}
		if fs.noMemory {
			thread.Doubt = "arguments of " + c.name + " are in the process's memory, which was left alone"
			return thread, false, nil
		}
		thread.FDs, err = c.memory(dir, before.args)
		if err != nil {
			if c.doubt == "" {
				thread.Doubt = "arguments of " + c.name + " could not be read"
			}
			return thread, false, nil
		}
		if after, err := readFrame(dir); err != nil || after == before {
			return thread, false, err
		}
	}
	return ThreadSyscall{Syscall: thread.Syscall, Doubt: "thread did not stay in one call long enough to be read", waits: true}, false, nil
}

func readFrame(dir string) (frame, error) {
	path := dir + "/syscall"
	var buf [256]byte
	data, err := readPath(path, buf[:])
	if err != nil {
		return frame{}, err
	}
	f, why := parseFrame(data)
	if why != "" {
		return frame{}, &ParseError{Path: path, Line: 1, Why: why}
	}
	return f, nil
}

// parseFrame parses "running", "-1 SP PC" or "NR ARG0 ... ARG5 SP PC".
func parseFrame(data []byte) (f frame, why string) {
	var fields [9][]byte
	rest := bytes.TrimSuffix(data, []byte("\n"))
	n := 0
	for len(rest) > 0 && n < len(fields) {
		fields[n], rest = nextField(rest)
		n++
	}
	switch {
	case n == 1 && string(fields[0]) == "running":
		return frame{running: true}, ""
	case n == 3 && string(fields[0]) == "-1":
		f.number = -1
		return f, f.place(fields[1], fields[2])
	case n != len(fields) || len(rest) > 0:
		return frame{}, "unexpected number of fields"
	}
	number, ok := parseUint(fields[0], 10)
	if !ok || number > 1<<31 {
		return frame{}, "malformed system call number"
	}
	f.number = int64(number)
	for i := range f.args {
		if f.args[i], ok = parseHex(fields[1+i]); !ok {
			return frame{}, "malformed argument"
		}
	}
	return f, f.place(fields[7], fields[8])
}

// place takes over where the thread is.
func (f *frame) place(stack, pc []byte) (why string) {
	var okStack, okPC bool
	f.stack, okStack = parseHex(stack)
	f.pc, okPC = parseHex(pc)
	if !okStack || !okPC {
		return "malformed stack pointer or program counter"
	}
	return ""
}

// parseHex parses a number that the kernel prints with %#lx: 0x and digits.
func parseHex(text []byte) (uint64, bool) {
	digits, ok := bytes.CutPrefix(text, []byte("0x"))
	if !ok {
		return 0, false
	}
	return parseUint(digits, 16)
}
