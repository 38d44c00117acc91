package supervise

import "syscall"

// Exit is how a command ended.
type Exit struct {
	Code   int            // its own exit code; meaningless with a Signal
	Signal syscall.Signal // that ended it; 0 when it exited by itself
}

// signalBase is what a shell adds to the number of the signal that ended a
// command (POSIX 2.8.2 says only "more than 128"; every shell adds 128).
const signalBase = 128

// Status returns the exit code that stands for the exit: the command's own,
// or 128+n when signal n ended it.
func (e Exit) Status() int {
	if e.Signal != 0 {
		return signalBase + int(e.Signal)
	}
	return e.Code
}

func exitOf(status syscall.WaitStatus) Exit {
	if status.Signaled() {
		return Exit{Signal: status.Signal()}
	}
	return Exit{Code: status.ExitStatus()}
}
