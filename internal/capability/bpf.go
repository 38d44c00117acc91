//go:build linux

package capability

import (
	"strings"

	"golang.org/x/sys/unix"
)

// MissingForBPF returns which of the capabilities that loading a tracing
// program takes are not effective.
func MissingForBPF() []string {
	effective, err := Effective()
	if err != nil || effective.Has(unix.CAP_SYS_ADMIN) {
		return nil
	}
	var missing []string
	if !effective.Has(unix.CAP_BPF) {
		missing = append(missing, "CAP_BPF")
	}
	if !effective.Has(unix.CAP_PERFMON) {
		missing = append(missing, "CAP_PERFMON")
	}
	return missing
}

// WhyNoBPF says what stands in the way where bpf(2) gave EPERM.
func WhyNoBPF() string {
	if missing := MissingForBPF(); len(missing) > 0 {
		return "needs " + strings.Join(missing, " and ") + " (or root)"
	}
	if Filtered() {
		return "a seccomp filter or a security module forbids it"
	}
	return "a security module or the container forbids it"
}

// Filtered reports whether the calling thread's system calls pass through a
// seccomp filter.
func Filtered() bool {
	mode, err := unix.PrctlRetInt(unix.PR_GET_SECCOMP, 0, 0, 0, 0)
	return err == nil && mode == unix.SECCOMP_MODE_FILTER
}
