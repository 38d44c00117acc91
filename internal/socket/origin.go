package socket

import "time"

// Origin is the moment in which a process came to a socket, as a tracer saw it:
// which call made the descriptor, and where in the program. What could not be
// read is left out.
type Origin struct {
	At      time.Time // by the kernel's clock, to the microsecond
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

// Life is what a tracer saw of a socket since its birth, or since the trace began.
type Life struct {
	Whole      bool      // the trace saw its birth
	StateSince time.Time // when it came into the state it has; zero when not seen
	// Uses counts how often data came in after data had gone out, or the other
	// way round: 1 is one question and its answer has begun.
	Uses uint32
}

func innermostOwn(frames []Frame) *Frame {
	for i := range frames {
		if frames[i].Own {
			return &frames[i]
		}
	}
	return nil
}
