//go:build amd64 || arm64

package ptrace

import (
	"os/signal"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// announce has SIGCHLD tell of the next stop or end.
func (l *loop) announce() {
	if !l.announced {
		l.announced = true
		signal.Notify(l.changed, unix.SIGCHLD)
		raiseStops(true)
	}
}

// hush ends that: a signal that nobody waits for costs more than the stop that
// it tells of.
func (l *loop) hush() {
	if l.announced {
		l.announced = false
		signal.Stop(l.changed)
		raiseStops(false)
	}
}

// action is struct kernel_sigaction (asm-generic/signal.h).
type action struct {
	handler, flags, restorer uintptr
	mask                     uint64
}

// noChildStops is SA_NOCLDSTOP (sigaction(2)).
const noChildStops = 1

// raiseStops says whether stops of children raise SIGCHLD in this program; their
// ends always do. The Go runtime has a handler for all signals.
func raiseStops(raise bool) {
	var a action
	if sigaction(nil, &a) != 0 {
		return
	}
	if a.flags |= noChildStops; raise {
		a.flags &^= noChildStops
	}
	_ = sigaction(&a, nil) // it only costs time
}

func sigaction(to, from *action) syscall.Errno {
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(unix.SIGCHLD), uintptr(unsafe.Pointer(to)), uintptr(unsafe.Pointer(from)), unsafe.Sizeof(to.mask), 0, 0)
	return errno
}
