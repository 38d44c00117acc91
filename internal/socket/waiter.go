package socket

import "time"

// WaiterKind says what it is that waits.
type WaiterKind string

// What can wait for a socket and have a stack.
const (
	ThreadWaiter    WaiterKind = "thread"    // a thread that sleeps in a system call
	GoroutineWaiter WaiterKind = "goroutine" // parked by the Go runtime's network poller
)

// Waiter is a thread or goroutine that waits for a socket, and where in its
// program it does. It is read out of the process's memory: what could not be
// read, or did not fit together, is left out.
type Waiter struct {
	Kind    WaiterKind
	Process ProcessID
	ID      uint64        // thread id, or goroutine id
	Name    string        // of the thread (comm), untrusted; "" where it has none
	Loop    string        // of a thread that runs an event loop of the language: asyncio; else ""
	Call    string        // such as recvfrom, poll, epoll_wait; of a goroutine read, write, accept or connect
	For     time.Duration // how long at least; 0 when not known
	// Timeout is when it gives up by itself, from the look on. It means
	// anything only where TimeoutKnown is true: 0 is then "never".
	Timeout      time.Duration
	TimeoutKnown bool
	Frames       []Frame // the innermost first; empty when the stack was not read
	Start        *Frame  // the statement that started the goroutine; nil when not known
}

// Owner is for whom an event loop has registered a socket.
type Owner struct {
	Protocol string  // class of the object that gets what is read; untrusted; "" when not known
	Task     []Frame // where the task is that it belongs to, the innermost function first; empty when not known
}

// Frame is a function that was called, with the line that it is at. Text that
// comes from the program is untrusted.
type Frame struct {
	Function string // such as main.(*server).handle; "" when not known
	File     string // as the program has it: absolute, or shortened by -trimpath; "" when not known
	Line     int    // 0 when not known
	Begin    int    // line at which the function begins; 0 when not known
	Module   string // what it belongs to: a Go module, a Python package, a library's file; "" when not known
	Own      bool   // the program's own code, neither a library's nor the runtime's
}

// CallName is the call as programs write it, whatever system call their libc
// makes of it: recv rather than recvfrom.
func (w *Waiter) CallName() string { return CallName(w.Call) }

// CallName returns the name by which programs call a system call that waits for
// descriptors.
func CallName(call string) string {
	switch call {
	case "recvfrom":
		return "recv"
	case "sendto":
		return "send"
	case "accept4":
		return "accept"
	case "pselect6":
		return "select"
	case "ppoll":
		return "poll"
	case "epoll_pwait", "epoll_pwait2":
		return "epoll_wait"
	}
	return call
}

// Own returns the innermost frame of the program's own code, or nil.
func (w *Waiter) Own() *Frame { return innermostOwn(w.Frames) }

// Task is what a thread of a process did when it was looked at
// (/proc/PID/task/TID/syscall).
type Task struct {
	TID     int
	Running bool    // it runs, or is ready to
	Call    string  // the system call it sleeps in, such as recvfrom, futex or clock_nanosleep; "" when in none
	FDs     []int32 // the descriptors that it waits for; of epoll_wait, the epoll set
	Doubt   string  // why it may wait for others as well; "" when it cannot
}
