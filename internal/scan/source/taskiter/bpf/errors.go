//go:build linux

package bpf

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/capability"
)

// Why there is no program. Errors of Open and Walk wrap one of them.
var (
	// ErrNoBTF means that the kernel does not describe its types: it was
	// built without CONFIG_DEBUG_INFO_BTF, or /sys is not mounted.
	ErrNoBTF = errors.New("no kernel type information")
	// ErrNotPermitted means that a capability is missing, or that the system
	// forbids BPF altogether.
	ErrNotPermitted = errors.New("not permitted to use bpf")
	// ErrUnsupported means that the kernel is too old (before 5.12), lacks
	// something that the program cannot do without, or runs on a machine
	// that is not 64-bit little-endian.
	ErrUnsupported = errors.New("bpf iterators not supported")
	// ErrRejected is matched by every RejectedError.
	ErrRejected = errors.New("bpf program rejected")
)

// RejectedError says that the kernel's verifier refused the program, or that
// the kernel had no memory for it.
type RejectedError struct {
	Err error  // what bpf(BPF_PROG_LOAD) returned
	Log string // end of the verifier's log, several lines; may be empty
}

// Error returns one line: the kernel's error and the verifier's last word.
func (e *RejectedError) Error() string {
	text := fmt.Sprintf("%v: %v", ErrRejected, e.Err)
	if errors.Is(e.Err, unix.ENOMEM) {
		text += ": a memory cgroup may be at its limit"
	}
	if line := lastWord(e.Log); line != "" {
		text += ": " + line
	}
	return text
}

// Is reports whether target is ErrRejected.
func (e *RejectedError) Is(target error) bool { return target == ErrRejected }

// Unwrap returns the error of the system call.
func (e *RejectedError) Unwrap() error { return e.Err }

// lastWord returns the last line of a verifier log that is not statistics. As
// of Linux 7.3 an explanation of a page follows it.
func lastWord(log string) string {
	log, _, _ = strings.Cut(log, "\nVerification failed: ")
	lines := strings.Split(strings.TrimSpace(log), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		line := strings.TrimSpace(lines[i])
		if line != "" && !strings.HasPrefix(line, "processed ") && !strings.HasPrefix(line, "verification time") && !strings.HasPrefix(line, "stack depth") {
			return line
		}
	}
	return ""
}

// errLockdown: kernel lockdown (confidentiality) hides the helper that copies
// kernel memory, without which older kernels let a program read nothing.
var errLockdown = fmt.Errorf("%w: load program: kernel lockdown forbids it before Linux 6.2", ErrNotPermitted)

// notPermitted says what stands in the way of a bpf call that gave EPERM.
func notPermitted(call string) error {
	return fmt.Errorf("%w: %s: %s", ErrNotPermitted, call, capability.WhyNoBPF())
}

// forbidden makes EPERM of ENOSYS where a seccomp filter gave it, which is what
// some answer for all that they forbid.
func forbidden(err error) error {
	if errors.Is(err, unix.ENOSYS) && capability.Filtered() {
		return unix.EPERM
	}
	return err
}
