//go:build linux

package proc

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

var (
	// ErrGone: the process has ended (it may still be a zombie), or never was. Under hidepid=2 (proc(5))
	// a process of another user looks the same. It wraps fs.ErrNotExist.
	ErrGone = fmt.Errorf("no such process: %w", os.ErrNotExist)
	// ErrClosed: the descriptor was closed, or no longer refers to the socket
	// that it referred to before. It wraps fs.ErrNotExist.
	ErrClosed = fmt.Errorf("descriptor was closed or reused: %w", os.ErrNotExist)
	// ErrNoInode: fdinfo has no ino line before Linux 5.14.
	ErrNoInode = fmt.Errorf("fdinfo has no inode before Linux 5.14: %w", errors.ErrUnsupported)
)

// ParseError is a line of a file of /proc that is not as the kernel writes it.
type ParseError struct {
	Path string
	Line int // counted from 1
	Why  string
}

// Error returns the path, the line number and what is wrong with the line,
// never its text, which may come from another process.
func (e *ParseError) Error() string {
	return "parse " + e.Path + ", line " + strconv.Itoa(e.Line) + ": " + e.Why
}

// explain says which process an error is about, and tells a process that is
// gone from a file that this kernel does not have: both are ENOENT.
func (fs FS) explain(pid int, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.ESRCH):
		return fmt.Errorf("pid %d: %w", pid, ErrGone)
	case errors.Is(err, ErrGone), errors.Is(err, ErrClosed):
	case errors.Is(err, os.ErrNotExist):
		if _, gone := os.Stat(fs.path(pid, "")); errors.Is(gone, os.ErrNotExist) {
			return fmt.Errorf("pid %d: %w", pid, ErrGone)
		}
	}
	return fmt.Errorf("pid %d: %w", pid, err)
}
