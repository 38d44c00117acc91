package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"time"

	"github.com/sockleak/sockleak/internal/report"
)

// Writer is an archive that is locked for one run of one host. There is no
// other way to write into an archive.
type Writer struct {
	*Dir
	host string // as the system gives it
	safe string // as it stands in file names
	lock *os.File
	last string // file that this run wrote
}

// Lock locks the archive for a run of the given host and removes temporary
// files that killed runs of this host left behind. pid and now are shown to
// those who find it locked: they get a *LockedError.
func (d *Dir) Lock(host string, pid int, now time.Time) (*Writer, error) {
	safe := SafeHost(host)
	f, err := d.lock(safe, pid, now)
	if err != nil {
		return nil, err
	}
	w := &Writer{Dir: d, host: report.Clean(host), safe: safe, lock: f}
	if err := w.sweep(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return w, nil
}

// Unlock ends the run. The Dir stays open.
func (w *Writer) Unlock() error { return w.lock.Close() }

// sweep removes this host's temporary files. Nobody can be writing them: the
// lock is held.
func (w *Writer) sweep() error {
	var left []string
	err := w.walk(func(file string) {
		if isTemp(file, w.safe) && len(left) < maxPrune {
			left = append(left, file)
		}
	})
	for _, file := range left {
		if info, err := w.root.Lstat(file); err == nil && !info.IsDir() {
			w.root.Remove(file)
		}
	}
	return err
}

// Write stores the report and points latest.json and latest-HOST.json at it.
// Of its sockets it keeps the MaxSockets oldest. When only the pointing
// fails, the name is returned together with the error.
func (w *Writer) Write(doc *report.Document) (Name, error) {
	doc = trim(doc)
	sum := sha256.New()
	name := Name{Time: doc.Time.UTC().Truncate(time.Microsecond), Host: w.safe}
	err := w.replace(w.safe, func(out io.Writer) error {
		enc := json.NewEncoder(io.MultiWriter(out, sum))
		enc.SetEscapeHTML(false)
		return enc.Encode(doc)
	}, func() string {
		name.Sum = hex.EncodeToString(sum.Sum(nil)[:sumLength/2])
		return name.String()
	})
	if err != nil {
		return Name{}, err
	}
	w.last = name.String()
	return name, errors.Join(w.point("latest.json"), w.point("latest-"+w.safe+".json"))
}

// point makes a name lead to the report just written: by a symlink, which
// can be replaced in one step and needs no second copy of the report; by a
// copy where there are no symlinks.
func (w *Writer) point(name string) error {
	if !w.mayReplace(name) {
		return fmt.Errorf("%s in %s was not made by sockleak: move it away", name, w.path)
	}
	temp := tempName(w.safe)
	err := w.root.Symlink(w.last, temp)
	if runtime.GOOS == "windows" || errors.Is(err, errors.ErrUnsupported) {
		return w.copyTo(name)
	}
	if err == nil {
		err = w.root.Rename(temp, name)
	}
	if err != nil {
		w.root.Remove(temp)
		return w.explain(err)
	}
	return w.sync()
}

func (w *Writer) copyTo(name string) error {
	return w.replace(w.safe, func(out io.Writer) error {
		f, err := w.root.Open(w.last)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(out, f)
		return err
	}, func() string { return name })
}

// mayReplace reports whether the name is free, or leads to a report.
func (w *Writer) mayReplace(name string) bool {
	info, err := w.root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return true
	case err != nil:
		return false
	case info.Mode()&fs.ModeSymlink != 0:
		to, err := w.root.Readlink(name)
		_, ok := ParseName(to)
		return err == nil && ok
	}
	head, ok := w.head(name)
	return ok && head.tool == "sockleak"
}
