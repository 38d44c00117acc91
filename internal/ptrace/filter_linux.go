//go:build amd64 || arm64

package ptrace

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Offsets in struct seccomp_data (linux/seccomp.h).
const (
	numberAt = 0
	archAt   = 4
)

// filter returns the program: calls that make sockets stop, all others go on, and
// so do those of 32-bit programs, which have other numbers.
func filter() []unix.SockFilter {
	const load, equal, answer = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, unix.BPF_RET | unix.BPF_K
	return []unix.SockFilter{
		{Code: load, K: archAt},
		{Code: equal, K: arch, Jf: 5}, // to the answer "go on"
		{Code: load, K: numberAt},
		{Code: equal, K: unix.SYS_SOCKET, Jt: 4}, // to the answer "stop"
		{Code: equal, K: unix.SYS_SOCKETPAIR, Jt: 3},
		{Code: equal, K: unix.SYS_ACCEPT, Jt: 2},
		{Code: equal, K: unix.SYS_ACCEPT4, Jt: 1},
		{Code: answer, K: unix.SECCOMP_RET_ALLOW},
		{Code: answer, K: unix.SECCOMP_RET_TRACE},
	}
}

// install puts the filter on this thread and all that it starts, for good.
func install() error {
	list := filter()
	program := unix.SockFprog{Len: uint16(len(list)), Filter: &list[0]}
	set := func() error {
		if _, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&program))); errno != 0 {
			return fmt.Errorf("install a seccomp filter: %w", errno)
		}
		return nil
	}
	if set() == nil { // with CAP_SYS_ADMIN set-user-ID programs stay what they are
		return nil
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("set no_new_privs: %w", err)
	}
	return set()
}
