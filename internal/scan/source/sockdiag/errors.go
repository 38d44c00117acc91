//go:build linux

package sockdiag

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// The errors of a dump that a caller tells apart with errors.Is. Beside them
// a filter that the kernel is too old for gives [errors.ErrUnsupported].
var (
	// ErrNoModule: the kernel has no diag module for the protocol, so that
	// nothing is known of its sockets. Another source has to be asked.
	ErrNoModule = errors.New("the kernel has no diag module for them")
	// ErrInterrupted: the tables changed during every try of the dump. All
	// rows were yielded, but some may be missing and some doubled.
	ErrInterrupted = errors.New("the tables kept changing while they were read")
	// ErrMalformed: the kernel's answer does not have the form that
	// sock_diag(7) promises. Rows yielded before it are good.
	ErrMalformed = errors.New("malformed answer")
	// ErrTimeout: the kernel did not answer in time. The Conn is of no more use.
	ErrTimeout = errors.New("no answer from the kernel")
)

// module is the kernel module that dumps the sockets.
func module(what string) string {
	switch what {
	case "udplite":
		return "udp_diag"
	case "packet":
		return "af_packet_diag"
	}
	return what + "_diag"
}

// malformed says what about an answer was wrong.
func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrMalformed}, args...)...)
}

// answerError gives a meaning to the error number that ended a dump.
func answerError(errno unix.Errno) error {
	switch errno {
	case 0:
		return nil
	case unix.ENOENT:
		return fmt.Errorf("%w (%w)", ErrNoModule, errno)
	case unix.EINVAL, unix.EOPNOTSUPP:
		return fmt.Errorf("%w by this kernel (%w)", errors.ErrUnsupported, errno)
	}
	return errno
}
