package archive

import (
	"os"
	"testing"
)

// TestLandedArchive: what any version that landed has recorded can be read,
// in whole and in part; a state of an earlier version is rebuilt from it.
func TestLandedArchive(t *testing.T) {
	path := t.TempDir()
	if err := os.CopyFS(path, os.DirFS("testdata/landed")); err != nil {
		t.Fatal(err)
	}
	w := lock(t, open(t, path), "web1")
	names, _, err := w.Names("web1", noon.AddDate(-100, 0, 0))
	if err != nil || len(names) < 12 {
		t.Fatalf("%d reports, %v", len(names), err)
	}
	for _, n := range names {
		whole, err := w.Read(n)
		if err != nil {
			t.Errorf("%s: %v", n, err)
			continue
		}
		part, err := w.Summary(n)
		if err != nil || len(whole.Sockets) != 6 || len(part.Findings) != len(whole.Findings) || len(part.Processes) != 1 {
			t.Errorf("%s: %v, %d sockets, %d findings of %d", n, err, len(whole.Sockets), len(part.Findings), len(whole.Findings))
		}
	}
	m, rebuilt, err := w.State()
	if err != nil || rebuilt == nil || m == nil || len(m.Sockets) != 6 || len(m.Processes) == 0 {
		t.Errorf("state %+v, %v, %v", m, rebuilt, err)
	}
}
