//go:build unix

package cli

import (
	"fmt"
	"syscall"
)

// fewDescriptors is how many the runtime, a look and an output take at least.
// With fewer the Go runtime itself may end with a trace.
const fewDescriptors = 16

// room returns an error when the limit of open files (RLIMIT_NOFILE) leaves
// room for less than sockleak needs.
func room() error {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || limit.Cur >= 1024 {
		return nil
	}
	var open []int
	defer func() {
		for _, fd := range open {
			_ = syscall.Close(fd)
		}
	}()
	for range fewDescriptors {
		fd, err := syscall.Open("/", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		if err != nil {
			return fmt.Errorf("it may open only %d more files and needs %d; raise the limit (now %d), for example with ulimit -n 1024",
				len(open), fewDescriptors, limit.Cur)
		}
		open = append(open, fd)
	}
	return nil
}
