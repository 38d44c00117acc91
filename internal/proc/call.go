//go:build linux

package proc

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// shape says where a system call has the descriptors it waits for.
type shape uint8

const (
	firstShape       shape = iota // in the first argument
	firstSecondShape              // in the first two
	firstThirdShape               // in the first and the third
	pollShape                     // in an array of struct pollfd in memory
	selectShape                   // in fd_sets in memory
	ringShape                     // in the rings of an io_uring in memory, as far as they go back
	unknownShape                  // nowhere that can be read
)

// call is a system call that waits for descriptors.
type call struct {
	name  string
	shape shape
	doubt string // see ThreadSyscall.Doubt
}

func (c call) inMemory() bool {
	return c.shape == pollShape || c.shape == selectShape || c.shape == ringShape
}

// registers returns the descriptors among the arguments.
func (c call) registers(args [6]uint64) []int32 {
	// The kernel takes an int or unsigned int: the upper half means nothing.
	first := int32(uint32(args[0]))
	switch c.shape {
	case firstShape:
		return []int32{first}
	case firstSecondShape:
		return []int32{first, int32(uint32(args[1]))}
	case firstThirdShape:
		return []int32{first, int32(uint32(args[2]))}
	}
	return nil
}

// callOf returns the call that a thread sleeps in, if it waits for
// descriptors or may do so.
func callOf(f frame) (call, bool) {
	if f.number < 0 {
		return call{}, false
	}
	// A 32-bit program on a 64-bit kernel has its own system call numbers,
	// and its stack below 4 GiB, where no 64-bit program has one.
	if is64bit && f.stack < 1<<32 {
		return call{"unknown", unknownShape, "32-bit program, whose system calls are not told apart"}, true
	}
	if c, ok := archCall(f.number); ok {
		return c, true
	}
	return commonCall(f.number)
}

const is64bit = ^uint(0)>>63 == 1

// commonCall knows the calls that every architecture has, each with the
// number of the architecture this was compiled for.
func commonCall(number int64) (call, bool) {
	switch number {
	case unix.SYS_READ:
		return call{name: "read"}, true
	case unix.SYS_READV:
		return call{name: "readv"}, true
	case unix.SYS_WRITE:
		return call{name: "write"}, true
	case unix.SYS_WRITEV:
		return call{name: "writev"}, true
	case unix.SYS_RECVFROM:
		return call{name: "recvfrom"}, true
	case unix.SYS_RECVMSG:
		return call{name: "recvmsg"}, true
	case unix.SYS_RECVMMSG:
		return call{name: "recvmmsg"}, true
	case unix.SYS_SENDTO:
		return call{name: "sendto"}, true
	case unix.SYS_SENDMSG:
		return call{name: "sendmsg"}, true
	case unix.SYS_SENDMMSG:
		return call{name: "sendmmsg"}, true
	case unix.SYS_CONNECT:
		return call{name: "connect"}, true
	case unix.SYS_ACCEPT4:
		return call{name: "accept4"}, true
	}
	return setCall(number)
}

// setCall knows the calls that wait for more than one descriptor.
func setCall(number int64) (call, bool) {
	switch number {
	case unix.SYS_SENDFILE:
		return call{name: "sendfile", shape: firstSecondShape}, true
	case unix.SYS_SPLICE:
		return call{name: "splice", shape: firstThirdShape}, true
	case unix.SYS_PPOLL:
		return call{name: "ppoll", shape: pollShape}, true
	case unix.SYS_PSELECT6:
		return call{name: "pselect6", shape: selectShape}, true
	case unix.SYS_EPOLL_PWAIT:
		return call{name: "epoll_pwait"}, true
	case unix.SYS_EPOLL_PWAIT2:
		return call{name: "epoll_pwait2"}, true
	case unix.SYS_IO_URING_ENTER:
		return call{"io_uring_enter", ringShape, "thread waits in io_uring"}, true
	case unix.SYS_RESTART_SYSCALL:
		return call{"restart_syscall", unknownShape, "thread waits in an interrupted call, perhaps poll"}, true
	}
	return call{}, false
}

// otherCall names the calls that wait for something else than a descriptor,
// those that threads sleep in most.
func otherCall(number int64) string {
	switch number {
	case -1:
		return ""
	case unix.SYS_FUTEX:
		return "futex"
	case unix.SYS_NANOSLEEP:
		return "nanosleep"
	case unix.SYS_CLOCK_NANOSLEEP:
		return "clock_nanosleep"
	case unix.SYS_WAIT4:
		return "wait4"
	case unix.SYS_WAITID:
		return "waitid"
	case unix.SYS_RT_SIGSUSPEND:
		return "rt_sigsuspend"
	case unix.SYS_RT_SIGTIMEDWAIT:
		return "rt_sigtimedwait"
	case unix.SYS_FLOCK:
		return "flock"
	case unix.SYS_FCNTL:
		return "fcntl"
	case unix.SYS_FSYNC:
		return "fsync"
	case unix.SYS_SEMTIMEDOP:
		return "semtimedop"
	case unix.SYS_OPENAT:
		return "openat"
	}
	return "syscall-" + strconv.FormatInt(number, 10)
}
