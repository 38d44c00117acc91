package cli

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// replaceFile gives a file a new content in one step: a reader, such as
// node_exporter's textfile collector, sees the old or the new one, and a full
// disk leaves the old. A pipe or device is written to as it is, and so is a
// file in a directory that may not be written.
func replaceFile(path string, write func(io.Writer) error) error {
	mode := fs.FileMode(0o644)
	info, err := os.Stat(path)
	if err == nil {
		if !info.Mode().IsRegular() {
			return overwrite(path, write)
		}
		mode = info.Mode().Perm()
		if target, err := filepath.EvalSymlinks(path); err == nil {
			path = target // a link stays a link
		}
	}
	// The collector reads files named *.prom: the temporary one is not.
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if errors.Is(err, fs.ErrPermission) {
		return overwrite(path, write)
	}
	if err != nil {
		return err
	}
	err = errors.Join(buffered(temp, write), temp.Chmod(mode), temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		os.Remove(temp.Name())
	}
	return err
}

func overwrite(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(buffered(f, write), f.Close())
}

func buffered(w io.Writer, write func(io.Writer) error) error {
	buf := bufio.NewWriter(w)
	if err := write(buf); err != nil {
		return err
	}
	return buf.Flush()
}
