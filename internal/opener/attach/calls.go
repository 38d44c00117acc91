//go:build linux && amd64

package attach

import "golang.org/x/sys/unix"

// callName names the system call in which a process came to a socket.
func callName(number uint32) string {
	switch number {
	case unix.SYS_SOCKET:
		return "socket"
	case unix.SYS_ACCEPT:
		return "accept"
	case unix.SYS_ACCEPT4:
		return "accept4"
	case unix.SYS_SOCKETPAIR:
		return "socketpair"
	case unix.SYS_RECVMSG:
		return "recvmsg (SCM_RIGHTS)"
	case unix.SYS_RECVMMSG:
		return "recvmmsg (SCM_RIGHTS)"
	case unix.SYS_PIDFD_GETFD:
		return "pidfd_getfd"
	case unix.SYS_DUP, unix.SYS_DUP2, unix.SYS_DUP3, unix.SYS_FCNTL:
		return "dup"
	case unix.SYS_IO_URING_ENTER:
		return "io_uring_enter"
	}
	return "another call"
}

// madeBy reports whether the call makes sockets, and does not only hand them on.
func madeBy(number uint32) bool {
	switch number {
	case unix.SYS_SOCKET, unix.SYS_ACCEPT, unix.SYS_ACCEPT4, unix.SYS_SOCKETPAIR, unix.SYS_IO_URING_ENTER:
		return true
	}
	return false
}
