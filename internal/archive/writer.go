package archive

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"time"

	"github.com/sockleak/sockleak/internal/atomicfile"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/words"
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
	w := &Writer{Dir: d, host: words.Clean(host), safe: safe, lock: f}
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
		if atomicfile.IsTemp(file, w.safe) && len(left) < maxPrune {
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
	name, content, err := Encode(doc)
	if err != nil {
		return Name{}, err
	}
	if err := w.replace(w.safe, name.String(), content); err != nil {
		return Name{}, err
	}
	w.last = name.String()
	return name, errors.Join(w.point("latest.json", content), w.point("latest-"+w.safe+".json", content))
}

// Encode returns the content of a report's file, and its name. It leaves out
// all but the MaxSockets oldest sockets, and more where the content would be
// larger than what is read again.
func Encode(doc *report.Document) (Name, []byte, error) {
	content, err := encode(trim(doc, MaxSockets))
	for _, smaller := range [...]func(*report.Document) *report.Document{withoutSockets, withoutCommands} {
		if err == nil && len(content) > maxReport {
			doc = smaller(doc)
			content, err = encode(doc)
		}
	}
	if err == nil && len(content) > maxReport {
		err = fmt.Errorf("it has %d MB, and more than %d MB would not be read again; look at fewer processes", len(content)>>20, maxReport>>20)
	}
	if err != nil {
		return Name{}, nil, fmt.Errorf("encode report: %w", err)
	}
	return Name{Time: doc.Time.UTC().Truncate(time.Microsecond), Host: SafeHost(doc.Host.Name), Sum: checksum(content)}, content, nil
}

func encode(doc *report.Document) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(doc)
	return b.Bytes(), err
}

// point makes a name lead to the report just written: by a symlink, which
// can be replaced in one step and needs no second copy of the report; by a
// copy where there are no symlinks.
func (w *Writer) point(name string, content []byte) error {
	if !w.mayReplace(name) {
		return fmt.Errorf("%s in %s was not made by sockleak: move it away", name, w.path)
	}
	temp := atomicfile.TempName(w.safe)
	err := w.root.Symlink(w.last, temp)
	if runtime.GOOS == "windows" || errors.Is(err, errors.ErrUnsupported) {
		return w.replace(w.safe, name, content)
	}
	if err == nil {
		err = atomicfile.Rename(w.root, temp, name)
	}
	if err != nil {
		w.root.Remove(temp)
		return w.explain(err)
	}
	return nil
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
