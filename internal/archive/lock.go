package archive

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// LockedError says that another run is at work in the archive.
type LockedError struct {
	Dir   string
	PID   int       // of the other run; 0 when not known
	Since time.Time // when it began, by its own clock; zero when not known
}

// Error says who holds the lock, in one line.
func (e *LockedError) Error() string {
	who := "another run"
	if e.PID > 0 {
		who = fmt.Sprintf("pid %d", e.PID)
	}
	if !e.Since.IsZero() {
		who += ", since " + e.Since.UTC().Format(time.RFC3339)
	}
	return fmt.Sprintf("archive %s is in use by another sockleak record (%s): wait for it to finish, or run less often", e.Dir, who)
}

// errHeld is what flock gives when another process has the lock.
var errHeld = errors.New("lock is held")

// lockHolder is the content of the lock file. It is for people: what counts
// is the kernel's lock, which ends with the process, however that ends.
type lockHolder struct {
	PID   int       `json:"pid"`
	Since time.Time `json:"since"`
}

// lockName: hosts that share a directory do not wait for each other.
func lockName(host string) string { return ".sockleak-" + host + ".lock" }

// lock takes the archive's lock for this host, or returns a *LockedError.
// The lock file stays: removing it would let two runs lock two files.
func (d *Dir) lock(host string, pid int, now time.Time) (*os.File, error) {
	f, err := d.root.OpenFile(lockName(host), os.O_RDWR|os.O_CREATE, fileMode)
	if err != nil {
		return nil, d.explain(err)
	}
	if err := d.lockIsOurs(f, lockName(host)); err != nil {
		f.Close()
		return nil, err
	}
	switch err := flock(f); {
	case errors.Is(err, errHeld):
		defer f.Close()
		held := &LockedError{Dir: d.path}
		var by lockHolder
		if raw, err := io.ReadAll(io.LimitReader(f, 4096)); err == nil && json.Unmarshal(raw, &by) == nil {
			held.PID, held.Since = by.PID, by.Since
		}
		return nil, held
	case err != nil:
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", d.path, err)
	}
	// A full disk must not stop the run here: the report will say so.
	if raw, err := json.Marshal(lockHolder{pid, now.UTC()}); err == nil && f.Truncate(0) == nil {
		f.WriteAt(raw, 0)
	}
	return f, nil
}

// lockIsOurs refuses a lock file that is a link to another file, which would
// be overwritten: whoever may write to the directory can make one.
func (d *Dir) lockIsOurs(f *os.File, name string) error {
	entry, err := d.root.Lstat(name)
	if err != nil {
		return d.explain(err)
	}
	opened, err := f.Stat()
	if err != nil {
		return d.explain(err)
	}
	if !opened.Mode().IsRegular() || !os.SameFile(entry, opened) || links(opened) > 1 {
		return fmt.Errorf("lock file %s is a link to another file, or no regular file: remove it", filepath.Join(d.path, name))
	}
	return nil
}
