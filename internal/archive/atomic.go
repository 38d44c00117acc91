package archive

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall"

	"github.com/sockleak/sockleak/internal/atomicfile"
)

// fileMode lets the owner's group read: reports carry command lines.
const fileMode = 0o640

// replace writes a file so that it appears whole or not at all.
func (d *Dir) replace(host, name string, content []byte) error {
	err := atomicfile.Put(d.root, name, host, fileMode, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
	if err != nil {
		return d.explain(err)
	}
	return nil
}

// explain says what to do about a directory that cannot be written.
func (d *Dir) explain(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("disk full: nothing written to %s: free space there, or keep fewer reports (--keep, --keep-bytes): %w", d.path, syscall.ENOSPC)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%s is on a read-only file system: choose another --dir: %w", d.path, syscall.EROFS)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("permission denied writing to %s%s: run as its owner, or give this user access: %w", d.path, owner(d.path), fs.ErrPermission)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("directory %s was removed during the run: %w", d.path, fs.ErrNotExist)
	}
	return fmt.Errorf("write to %s: %w", d.path, err)
}
