package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sockleak/sockleak/internal/caller"
)

// File is a file that somebody has named, opened with the caller's rights. Its
// content does not change before Replace.
type File struct {
	path   string
	stream *os.File // a pipe or device, or a regular file in a directory that may not be written
}

// Open finds out whether the file can be written, so that this is known before
// the work begins and not after it. It leaves no empty file behind.
func Open(path string) (*File, error) {
	f := &File{path: path}
	return f, caller.Do(f.open)
}

func (f *File) open() error {
	info, err := os.Stat(f.path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		f.stream, err = os.OpenFile(f.path, os.O_WRONLY, 0)
		return err
	case err == nil:
		// A file that may not be written is not replaced either, though the
		// rights of its directory would do for that.
		old, err := os.OpenFile(f.path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		old.Close()
		if target, err := filepath.EvalSymlinks(f.path); err == nil {
			f.path = target // a link stays a link
		}
	}
	dir, name, err := f.dir()
	if err == nil {
		defer dir.Close()
		temp := TempName(name)
		if err = fill(dir, temp, 0o600, func(*os.File) error { return nil }); err == nil {
			return dir.Remove(temp)
		}
	}
	if info != nil && errors.Is(err, fs.ErrPermission) {
		f.stream, err = os.OpenFile(f.path, os.O_WRONLY, 0)
	}
	return err
}

func (f *File) dir() (root *os.Root, name string, err error) {
	root, err = os.OpenRoot(filepath.Dir(f.path))
	return root, filepath.Base(f.path), err
}

// Replace gives the file the content that write writes, and closes it.
func (f *File) Replace(write func(io.Writer) error) error {
	if f.stream != nil {
		return errors.Join(f.overwrite(write), f.stream.Close())
	}
	return caller.Do(func() error {
		dir, name, err := f.dir()
		if err != nil {
			return err
		}
		defer dir.Close()
		return Put(dir, name, name, 0o644, write)
	})
}

func (f *File) overwrite(write func(io.Writer) error) error {
	if info, err := f.stream.Stat(); err == nil && info.Mode().IsRegular() {
		if err := f.stream.Truncate(0); err != nil {
			return err
		}
	}
	return buffered(f.stream, write)
}
