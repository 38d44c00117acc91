//go:build linux

package proc

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// archBlocking are the older calls, in whose place x/sys makes the newer.
func archBlocking(fd, epoll int) map[string]func() {
	poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	events := make([]unix.EpollEvent, 1)
	var set unix.FdSet
	set.Set(fd)
	const forever = ^uintptr(0)
	return map[string]func(){
		"poll": func() {
			_, _, _ = unix.Syscall(unix.SYS_POLL, uintptr(unsafe.Pointer(&poll[0])), 1, forever)
		},
		"select": func() {
			_, _, _ = unix.Syscall6(unix.SYS_SELECT, uintptr(fd+1), uintptr(unsafe.Pointer(&set)), 0, 0, 0, 0)
		},
		"epoll_wait": func() {
			_, _, _ = unix.Syscall6(unix.SYS_EPOLL_WAIT, uintptr(epoll), uintptr(unsafe.Pointer(&events[0])), 1, forever, 0, 0)
		},
	}
}
