//go:build linux

package proc

import "golang.org/x/sys/unix"

// archCall knows accept, which not every architecture has. arm64 came after
// poll, select and epoll_wait were replaced, and has none of them.
func archCall(number int64) (call, bool) {
	return call{name: "accept"}, number == unix.SYS_ACCEPT
}
