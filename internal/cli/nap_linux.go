package cli

import (
	"context"
	"syscall"
	"time"
	"unsafe"
)

// napLength is up to how long nap sleeps.
const napLength = 20 * time.Millisecond

// nap sleeps for so short a time that others may wait for this thread to wake
// up. A timer of the runtime would wake its scheduler, its monitor and another
// thread each time, which costs more than a look at 50 sockets does; here the
// runtime does not know that the thread sleeps. When it wants the thread, to
// collect garbage for one, its signal ends the system call.
func nap(ctx context.Context, d time.Duration) bool {
	left := syscall.NsecToTimespec(int64(d))
	for ctx.Err() == nil {
		_, _, err := syscall.RawSyscall(syscall.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&left)), uintptr(unsafe.Pointer(&left)), 0)
		if err != syscall.EINTR {
			break
		}
	}
	return ctx.Err() == nil
}
