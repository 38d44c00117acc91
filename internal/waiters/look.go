//go:build linux

package waiters

import (
	"fmt"
	"os"
	"strings"

	"github.com/sockleak/sockleak/internal/program"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/symbol/native"
	"golang.org/x/sys/unix"
)

// Thread is a thread that sleeps in a system call on descriptors.
type Thread struct {
	TID    int
	Call   string
	FDs    []int32 // of epoll_wait, the epoll set
	PC, SP uint64
	// Running is true of one that does not sleep: it makes the call again and
	// again.
	Running bool
}

// Target is a process whose waiters are looked for.
type Target struct {
	Root    string // of the proc file system
	Process *socket.Process
	// Epolls are the registrations of the sockets that it is about.
	Epolls  []socket.EpollWatch
	Threads []Thread
	// Sockets are those of which it is asked what the language thinks of them.
	Sockets []Descriptor
}

// Descriptor is a socket of the process.
type Descriptor struct {
	FD     int32
	Family socket.Family
	Type   socket.Type
}

// Found is who waits for what.
type Found struct {
	ByFD map[int32][]socket.Waiter // threads, by the descriptor they wait for
	// ByEpoll has for each of the registrations who waits by it.
	ByEpoll [][]socket.Waiter
	// Poller has for each of the registrations whether it is a runtime's that
	// registers every socket, so that nobody waits where ByEpoll has nobody.
	Poller []bool
	// Owners has for each of the registrations whose socket it is, where an event
	// loop of the language knows.
	Owners []*socket.Owner
	// Objects are the objects of the language, by descriptor.
	Objects map[int32]socket.Object
}

const (
	budget     = 256 << 20 // of memory that is read of one process
	mostStacks = 512       // of one process; the others are named without frames
	cachePages = 4096      // of its memory that are read again
)

// Look finds who waits. The error says why the process's memory was not read;
// it wraps os.ErrPermission where the right to trace it is missing. Threads are
// named also then, without frames.
func Look(t Target) (Found, error) {
	l := &look{Target: t, tids: newTIDs(t.Root, t.Process.ID.PID), now: monotonic(), found: Found{
		ByFD: map[int32][]socket.Waiter{}, ByEpoll: make([][]socket.Waiter, len(t.Epolls)), Poller: make([]bool, len(t.Epolls)),
		Owners:  make([]*socket.Owner, len(t.Epolls)),
		Objects: map[int32]socket.Object{},
	}}
	prog, err := program.Open(t.Root, t.Process, budget)
	if err == nil {
		defer prog.Close()
		l.prog, err = prog, prog.Unread()
		l.python = l.openPython()
	}
	l.goroutines()
	l.threads()
	l.objects()
	return l.found, err
}

// look is the state of one Look.
type look struct {
	Target
	tids
	prog   *program.Program // nil where its memory is not read
	python *pythonThreads   // nil where it is not one
	now    int64            // of CLOCK_MONOTONIC in nanoseconds, by which runtimes reckon
	stacks int              // read so far
	found  Found
}

// threads names the threads that wait for descriptors, and those that wait in
// an epoll set for what is registered there.
func (l *look) threads() {
	sets := map[int32][]int{}
	for i := range l.Epolls {
		sets[l.Epolls[i].EpollFD] = append(sets[l.Epolls[i].EpollFD], i)
	}
	if l.prog != nil {
		var at []uint64
		for i := range l.Threads[:min(len(l.Threads), mostStacks)] {
			at = append(at, l.Threads[i].SP)
		}
		l.prog.Cached.Load(at, innermost)
	}
	for i := range l.Threads {
		t := &l.Threads[i]
		var w *socket.Waiter
		for _, fd := range t.FDs {
			registered := sets[fd]
			if w == nil {
				w = l.thread(t)
				l.owners(t, w, registered)
			}
			l.found.ByFD[fd] = append(l.found.ByFD[fd], *w)
			for _, r := range registered {
				if !l.found.Poller[r] {
					l.found.ByEpoll[r] = append(l.found.ByEpoll[r], *w)
				}
			}
		}
	}
}

// thread describes a thread with its stack.
func (l *look) thread(t *Thread) *socket.Waiter {
	w := &socket.Waiter{Kind: socket.ThreadWaiter, Process: l.Process.ID, ID: uint64(t.TID), Call: t.Call}
	if l.stacks < mostStacks {
		l.stacks++
		w.Frames = l.threadFrames(t)
		comm, _ := os.ReadFile(fmt.Sprintf("%s/%d/task/%d/comm", l.Root, l.Process.ID.PID, t.TID))
		w.Name = strings.TrimSuffix(string(comm), "\n")
	}
	return w
}

// threadFrames returns the stack of a thread; nil where it cannot be read.
func (l *look) threadFrames(t *Thread) []socket.Frame {
	if l.prog == nil {
		return nil
	}
	var frames []socket.Frame
	switch {
	case t.Running && l.python != nil:
		return l.runningPython(t.TID)
	case t.Running:
		return nil
	case l.prog.Go != nil:
		frames = l.goFrames(t)
	case l.python != nil:
		frames = l.python.threadFrames(t)
	}
	if len(frames) == 0 && l.prog.Go == nil && hasNative(l.Process.Runtime) {
		frames = l.prog.Native(l.prog.Cached, native.Registers{PC: t.PC, SP: t.SP})
	}
	if len(frames) > 0 && !l.still(t) { // it ran on while its stack was read
		return nil
	}
	return frames
}

// hasNative reports whether threads of the runtime may be in compiled code whose
// stack says something.
func hasNative(r socket.Runtime) bool {
	return r == socket.Go || r == socket.Python || r == socket.Native
}

// still reports whether the thread sleeps where it did.
func (l *look) still(t *Thread) bool {
	text, err := os.ReadFile(fmt.Sprintf("%s/%d/task/%d/syscall", l.Root, l.Process.ID.PID, t.TID))
	fields := strings.Fields(string(text))
	if err != nil || len(fields) != 9 {
		return false
	}
	return fields[7] == fmt.Sprintf("%#x", t.SP) && fields[8] == fmt.Sprintf("%#x", t.PC)
}

// monotonic is the time of CLOCK_MONOTONIC in nanoseconds.
func monotonic() int64 {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &t); err != nil {
		return 0
	}
	return t.Nano()
}
