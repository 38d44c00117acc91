//go:build linux

package pidfd

import (
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// ErrReplaced: the descriptor does not refer to the socket any more. It wraps
// fs.ErrNotExist.
var ErrReplaced = fmt.Errorf("descriptor was closed or reused: %w", fs.ErrNotExist)

// Process is a process whose descriptors are duplicated. Another process that
// gets its pid is never mistaken for it.
type Process struct{ fd int }

// Open refers to the process with the pid (pidfd_open(2), Linux 5.3), which
// needs no privilege. That it is the process that is meant is for the caller
// to check, by its start time, after Open. The error wraps fs.ErrNotExist when
// there is none, and errors.ErrUnsupported before Linux 5.6.
func Open(pid int) (*Process, error) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return nil, fmt.Errorf("pidfd_open of pid %d: %w", pid, explain(err))
	}
	return &Process{fd}, nil
}

// Close forgets the process.
func (p *Process) Close() error { return unix.Close(p.fd) }

// Socket duplicates the descriptor, asks the duplicate what its socket is and
// closes it. Errors: [ErrReplaced] when it is not the socket with the inode;
// fs.ErrPermission when the process may not be traced.
func (p *Process) Socket(fd int32, inode uint64) (socket.Socket, error) {
	dup, err := unix.PidfdGetfd(p.fd, int(fd), 0)
	if err != nil {
		return socket.Socket{}, fmt.Errorf("duplicate descriptor %d: %w", fd, explain(err))
	}
	a, err := ask(dup, inode)
	unix.Close(dup)
	if err != nil {
		return socket.Socket{}, fmt.Errorf("ask the duplicate of descriptor %d: %w", fd, err)
	}
	return a.socket(inode), nil
}

// explain gives the errors of pidfd_open and pidfd_getfd their meaning.
func explain(err error) error {
	switch {
	case errors.Is(err, unix.ESRCH), errors.Is(err, unix.EBADF):
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	case errors.Is(err, unix.ENOSYS):
		return fmt.Errorf("%w before Linux 5.6", errors.ErrUnsupported)
	}
	return err // EPERM is fs.ErrPermission
}
