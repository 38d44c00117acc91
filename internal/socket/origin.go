package socket

import (
	"path"
	"strings"
	"time"
)

// Origin is the moment in which a process came to a socket, as a tracer saw it:
// which call made the descriptor, and where in the program. What could not be
// read is left out.
type Origin struct {
	At      time.Time // by the kernel's clock, to the microsecond
	Ticks   uint64    // the same in clock ticks after boot, as ProcessID.Start; 0 when not known
	Process ProcessID
	Thread  int     // thread id
	Name    string  // of the thread (comm) at that time, untrusted
	Call    string  // such as socket, accept4, dup2, recvmsg (SCM_RIGHTS of unix(7)) or pidfd_getfd
	Frames  []Frame // the innermost first; empty when the stack was not read
	Start   *Frame  // the statement that started the goroutine or thread; nil when not known
	Doubt   string  // why the stack is missing or ends early; "" when it is whole
}

// Own returns the innermost frame of the program's own code, or nil.
func (o *Origin) Own() *Frame { return innermostOwn(o.Frames) }

// Library returns the innermost frame of a library that is above the language's
// own calls of sockets, for who has no own frame: the accept loop, and not the
// accept in it. It is the innermost of all where there is none, nil without frames.
func (o *Origin) Library() *Frame {
	for i := range o.Frames {
		if !o.Frames[i].thin() {
			return &o.Frames[i]
		}
	}
	if len(o.Frames) > 0 {
		return &o.Frames[0]
	}
	return nil
}

// thin reports whether a function does little but call the kernel.
func (f *Frame) thin() bool {
	switch path.Base(f.File) {
	case "socket.py", "ssl.py":
		return true
	}
	for _, library := range []string{"libc.so", "libpthread.so", "ld-musl-"} {
		if strings.HasPrefix(f.Module, library) {
			return true
		}
	}
	for _, pkg := range []string{"net.", "syscall.", "internal/poll.", "os."} {
		if strings.HasPrefix(f.Function, pkg) {
			return true
		}
	}
	return false
}

// Life is what a tracer saw of a socket since Origin.At.
type Life struct {
	Whole      bool      // the trace saw its birth, and not only how it was handed on
	StateSince time.Time // when it came into the state it has; zero when not seen
	Before     State     // the state before that; StateUnknown when not seen
	Data       *DataLife // what moved on it; nil where the trace does not see that
	// Left is the last process of the traced that closed its descriptor of the
	// socket while others kept theirs; nil when none was seen to.
	Left *Leaving
}

// DataLife is what a tracer saw of the data on a socket: of each call that sent
// or received some, not what the kernel did meanwhile.
type DataLife struct {
	// Answers counts how often data went the other way than the first, each time
	// that it followed upon such: 1 is one question whose answer has begun.
	Answers uint32
	// Takings counts how often the socket was taken up: more than a heartbeat
	// moved, after a second in which nothing had.
	Takings uint32
	Last    time.Time // when data last moved; zero when it never did
	Inward  bool      // it was received then
}

// Leaving is a process that closed its descriptor of a socket.
type Leaving struct {
	Process ProcessID
	At      time.Time // by the kernel's clock
}

func innermostOwn(frames []Frame) *Frame {
	for i := range frames {
		if frames[i].Own {
			return &frames[i]
		}
	}
	return nil
}
