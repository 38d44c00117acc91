//go:build linux

package proc

import (
	"path"
	"strings"
)

// commLength is how much the kernel keeps of a process's name, TASK_COMM_LEN of
// include/linux/sched.h without the byte that ends it.
const commLength = 15

// Name returns the process's name from /proc/PID/stat. One that the kernel has
// cut short is completed from /proc/PID/cmdline, if the program was called by
// it. It is untrusted. It needs no privilege.
func (fs FS) Name(pid int) (string, error) {
	stat, err := fs.Stat(pid)
	if err != nil || len(stat.Comm) < commLength {
		return stat.Comm, err
	}
	if args, err := fs.Args(pid); err == nil && len(args) > 0 {
		if called := path.Base(args[0]); strings.HasPrefix(called, stat.Comm) {
			return called, nil
		}
	}
	return stat.Comm, nil
}

// Args returns the process's command line from /proc/PID/cmdline, of a long one
// the beginning; none of a thread of the kernel. It is untrusted. It needs no
// privilege.
func (fs FS) Args(pid int) ([]string, error) {
	args, err := readArgs(fs.path(pid, "cmdline"), maxPattern)
	return args, fs.explain(pid, err)
}

// Parent returns the pid of the process's parent from /proc/PID/stat; 0 where it
// has none in this pid namespace. It needs no privilege.
func (fs FS) Parent(pid int) (int, error) {
	stat, err := fs.Stat(pid)
	return stat.Parent, err
}
