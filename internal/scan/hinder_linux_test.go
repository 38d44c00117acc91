package scan

import (
	"os"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/testkit"
)

// hinder are the ways in which a child can be kept from using BPF, by name.
// Each acts on the process that calls it, for good.
func hinder() map[string]func() error {
	return map[string]func() error{
		"no locked memory": func() error { return unix.Setrlimit(unix.RLIMIT_MEMLOCK, &unix.Rlimit{}) },
		"seccomp EPERM":    func() error { return testkit.Forbid(unix.SYS_BPF, unix.EPERM) },
		"seccomp ENOSYS":   func() error { return testkit.Forbid(unix.SYS_BPF, unix.ENOSYS) },
	}
}

// descriptors is how many descriptors this process has.
func descriptors() int {
	list, err := os.ReadDir("/proc/self/fd")
	testkit.Must(err)
	return len(list) - 1 // but for the one that reads the list
}
