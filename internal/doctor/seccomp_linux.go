package doctor

import (
	"context"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/capability"
)

// seccomp tells whether a filter of system calls (seccomp(2)) lets bpf(2)
// through. It answers in the kernel's place, so that a capability is no help.
func seccomp(context.Context, Options) []Check {
	c := Check{Name: "seccomp", Status: OK, Found: "no filter", Gives: "the bpf source"}
	mode, err := unix.PrctlRetInt(unix.PR_GET_SECCOMP, 0, 0, 0, 0)
	if err != nil || mode != unix.SECCOMP_MODE_FILTER {
		return []Check{c}
	}
	caps, err := capability.Effective()
	switch {
	case bpfAnswers():
		c.Found = "a filter that lets bpf(2) through"
	case err != nil || !caps.Has(unix.CAP_BPF) && !caps.Has(unix.CAP_SYS_ADMIN):
		// Before Linux 6.4 the kernel itself refuses every call.
		c.Found = "a filter; whether it lets bpf(2) through shows with CAP_BPF only"
	default:
		c.Status, c.Found = Missing, "a filter that forbids bpf(2)"
		c.Fix = []string{
			"docker: --security-opt seccomp=FILE, a profile that allows bpf",
			"Kubernetes: securityContext: {seccompProfile: {type: Localhost, localhostProfile: FILE}}, a profile that allows bpf",
			"systemd: SystemCallFilter=bpf",
		}
	}
	return []Check{c}
}

// bpfAnswers makes a call of bpf(2) that does nothing: the kernel finds that
// its argument is too big before it looks at what is asked.
func bpfAnswers() bool {
	const tooBig = 1 << 20
	_, _, errno := unix.Syscall(unix.SYS_BPF, 0, 0, tooBig)
	return errno == unix.E2BIG
}
