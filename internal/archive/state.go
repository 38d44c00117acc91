package archive

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/sockleak/sockleak/internal/track"
)

// stateName is the file that holds the state between two runs of a host.
func stateName(host string) string { return ".sockleak-" + host + ".state" }

// maxState is above what track.Memory's own limits allow.
const maxState = 32 << 20

// SaveState stores what the next run starts from. Losing it loses nothing:
// see State.
func (w *Writer) SaveState(m *track.Memory) error {
	name := stateName(w.safe)
	if info, err := w.root.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s in %s is not a regular file: move it away", name, w.path)
	}
	content, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode state: %w", err)
	}
	return w.replace(w.safe, name, content)
}

// State returns what the last run of this host left. When that is missing,
// damaged or of another version, it is rebuilt from the newest reports, and
// rebuilt says why; no report is no error. Nil means to start over.
func (w *Writer) State() (m *track.Memory, rebuilt error, err error) {
	m, rebuilt = w.loadState()
	if rebuilt == nil {
		return m, nil, nil
	}
	m, err = w.rebuild()
	if m == nil && errors.Is(rebuilt, fs.ErrNotExist) {
		rebuilt = nil // the first run of all
	}
	return m, rebuilt, err
}

func (w *Writer) loadState() (*track.Memory, error) {
	name := stateName(w.safe)
	info, err := w.root.Lstat(name)
	if err != nil {
		return nil, fmt.Errorf("state is missing: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > maxState {
		return nil, errors.New("state is not a file that sockleak wrote")
	}
	f, err := w.root.Open(name)
	if err != nil {
		return nil, fmt.Errorf("state cannot be read: %w", err)
	}
	defer f.Close()
	m := new(track.Memory)
	if err := json.NewDecoder(io.LimitReader(f, maxState)).Decode(m); err != nil {
		return nil, fmt.Errorf("state is damaged: %w", err)
	}
	if m.Version != track.MemoryVersion {
		return nil, fmt.Errorf("state has version %d: this sockleak writes %d", m.Version, track.MemoryVersion)
	}
	return m, nil
}
