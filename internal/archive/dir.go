package archive

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"syscall"
	"time"
)

// Dir is an archive that is open for reading. All its files are reached
// through the directory that was opened, without following symlinks out of it.
type Dir struct {
	path string
	root *os.Root
}

// Open opens the archive. The error says what to do when the directory is none
// or may not be read; of one that does not exist the caller knows whether it
// is to be created.
func Open(path string) (*Dir, error) {
	root, err := os.OpenRoot(path)
	switch {
	case err == nil:
		return &Dir{path: path, root: root}, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("no directory %s: %w", path, fs.ErrNotExist)
	case errors.Is(err, syscall.ENOTDIR):
		return nil, fmt.Errorf("%s is not a directory: name the directory that holds the reports: %w", path, syscall.ENOTDIR)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("permission denied opening directory %s%s: run as its owner, or give this user access: %w", path, owner(path), fs.ErrPermission)
	}
	return nil, fmt.Errorf("open archive: %w", err)
}

// Path returns the path that the archive was opened by.
func (d *Dir) Path() string { return d.path }

// Close closes the directory.
func (d *Dir) Close() error { return d.root.Close() }

// MaxNames is the largest number of names that Names returns: a year of
// reports every five minutes. It bounds the memory, not the directory.
const MaxNames = 1 << 17

// Names returns the names of the newest reports from since on (zero: all),
// oldest first, and how many older ones are beyond MaxNames. host limits
// them to one host's (as in Name.Host); "" means all.
//
// The directory is read in pieces: a million files cost time, not memory.
func (d *Dir) Names(host string, since time.Time) (names []Name, more int, err error) {
	keep := selection{limit: MaxNames, newest: true}
	err = d.walk(func(file string) {
		if n, ok := ParseName(file); ok && (host == "" || n.Host == host) && !n.Time.Before(since) {
			keep.add(file)
		}
	})
	files := keep.sorted()
	names = make([]Name, len(files))
	for i, f := range files {
		names[i], _ = ParseName(f)
	}
	return names, keep.dropped, err
}

// walk calls visit with the name of every directory entry, in no order.
func (d *Dir) walk(visit func(file string)) error {
	dir, err := d.root.Open(".")
	if err != nil {
		return fmt.Errorf("list %s: %w", d.path, err)
	}
	defer dir.Close()
	for {
		list, err := dir.ReadDir(1024)
		for _, e := range list {
			visit(e.Name())
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("list %s: %w", d.path, err)
		}
	}
}

// selection keeps the newest or the oldest of many names in bounded memory.
type selection struct {
	limit   int
	newest  bool
	names   []string
	dropped int
}

func (s *selection) add(name string) {
	s.names = append(s.names, name)
	if len(s.names) >= 2*s.limit {
		s.cut()
	}
}

// cut sorts the names and drops those beyond the limit.
func (s *selection) cut() {
	slices.Sort(s.names)
	extra := len(s.names) - s.limit
	if extra <= 0 {
		return
	}
	s.dropped += extra
	if s.newest {
		s.names = slices.Clone(s.names[extra:])
	} else {
		s.names = s.names[:s.limit]
	}
}

// sorted returns what was kept, oldest first.
func (s *selection) sorted() []string {
	s.cut()
	return s.names
}
