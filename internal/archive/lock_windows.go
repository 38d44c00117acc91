package archive

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// flock locks one byte far beyond the content, so that others can still read
// who holds the lock.
func flock(f *os.File) error {
	at := &windows.Overlapped{OffsetHigh: 1}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errHeld
	}
	return err
}

// links is not asked for here: a lock on a file that has other names harms
// nobody but other runs.
func links(fs.FileInfo) uint64 { return 1 }
