package headstart

import (
	"syscall"

	"github.com/sockleak/sockleak/internal/scan/bpf/prog"
)

// Begun is what was begun when the process started; nil when nothing was. That,
// and touching the variables, is all that sockleak does before main: together they
// take a quarter off a look at a few sockets.
var Begun = begin()

// begin begins it for root, where the command is one that looks.
func begin() *prog.Begun {
	_ = touchVariables(variables) // it is there to save time, and nothing else
	if syscall.Geteuid() != 0 || !Looking(arguments()) {
		return nil
	}
	return prog.Begin(MemoryDir)
}

// arguments returns the first arguments of the process, without its name, as the
// kernel has them: package os, which also knows them, is not ready yet.
func arguments() []string {
	fd, err := syscall.Open("/proc/self/cmdline", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer syscall.Close(fd)
	text := make([]byte, 1024)
	n, err := syscall.Read(fd, text)
	if err != nil {
		return nil
	}
	var args []string
	start := 0
	for i, c := range text[:n] {
		if c == 0 {
			args = append(args, string(text[start:i]))
			start = i + 1
		}
	}
	return args[min(1, len(args)):]
}
