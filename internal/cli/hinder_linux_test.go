package cli_test

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/testkit"
)

// hinder ERROR PROGRAM ARG... runs a program that gets the error EPERM or
// ENOSYS from bpf(2), as under the seccomp profile of a container.
func hinder(args []string) int {
	answer := map[string]unix.Errno{"EPERM": unix.EPERM, "ENOSYS": unix.ENOSYS}[args[0]]
	if err := testkit.ForbidBPF(answer); err != nil {
		return fail(err)
	}
	path, err := exec.LookPath(args[1])
	if err != nil {
		return fail(err)
	}
	return fail(syscall.Exec(path, args[1:], os.Environ()))
}
