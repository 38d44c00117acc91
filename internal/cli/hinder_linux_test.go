package cli_test

import (
	"os"
	"os/exec"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/testkit"
)

// hinder ERROR PROGRAM ARG... runs a program that gets the error EPERM or
// ENOSYS from bpf(2), or with ptrace:ERROR from ptrace(2), as under the seccomp
// profile of a container.
func hinder(args []string) int {
	call, name := uint32(unix.SYS_BPF), args[0]
	if rest, ok := strings.CutPrefix(name, "ptrace:"); ok {
		call, name = unix.SYS_PTRACE, rest
	}
	answer := map[string]unix.Errno{"EPERM": unix.EPERM, "ENOSYS": unix.ENOSYS}[name]
	if err := testkit.Forbid(call, answer); err != nil {
		return fail(err)
	}
	path, err := exec.LookPath(args[1])
	if err != nil {
		return fail(err)
	}
	return fail(syscall.Exec(path, args[1:], os.Environ()))
}
