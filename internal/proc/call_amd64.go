//go:build linux

package proc

import "golang.org/x/sys/unix"

// archCall knows the older calls that newer architectures do not have.
func archCall(number int64) (call, bool) {
	switch number {
	case unix.SYS_ACCEPT:
		return call{name: "accept"}, true
	case unix.SYS_POLL:
		return call{name: "poll", shape: pollShape}, true
	case unix.SYS_SELECT:
		return call{name: "select", shape: selectShape}, true
	case unix.SYS_EPOLL_WAIT:
		return call{name: "epoll_wait"}, true
	}
	return call{}, false
}
