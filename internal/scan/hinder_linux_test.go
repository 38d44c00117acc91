package scan

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// hinder are the ways in which a child can be kept from using BPF, by name.
// Each acts on the process that calls it, for good.
func hinder() map[string]func() error {
	return map[string]func() error{
		"no locked memory": func() error { return unix.Setrlimit(unix.RLIMIT_MEMLOCK, &unix.Rlimit{}) },
		"seccomp EPERM":    func() error { return forbidBPF(unix.EPERM) },
		"seccomp ENOSYS":   func() error { return forbidBPF(unix.ENOSYS) },
	}
}

// forbidBPF has the kernel answer bpf(2) with an error, in every thread, as
// the seccomp profile of a container does (seccomp(2)).
func forbidBPF(answer unix.Errno) error {
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS}, // the number, first in struct seccomp_data
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.SYS_BPF, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ERRNO | uint32(answer)},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	const allThreads = 1 // SECCOMP_FILTER_FLAG_TSYNC
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, allThreads, uintptr(unsafe.Pointer(&program)))
	if errno != 0 {
		return fmt.Errorf("seccomp: %w", errno)
	}
	return nil
}

// descriptors is how many descriptors this process has.
func descriptors() int {
	list, err := os.ReadDir("/proc/self/fd")
	must(err)
	return len(list) - 1 // but for the one that reads the list
}
