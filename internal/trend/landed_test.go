package trend

import (
	"path/filepath"
	"testing"
)

// TestLandedReports reads an archive to which every version that ever landed
// has added a report of the same leaking program: all of them count, and tell
// of one leak. Only its fingerprint changed, once.
func TestLandedReports(t *testing.T) {
	path := filepath.Join("..", "archive", "testdata", "landed")
	files, err := filepath.Glob(filepath.Join(path, "*.json"))
	if err != nil || len(files) < 12 {
		t.Fatalf("%d reports, %v", len(files), err)
	}
	tr := read(t, opened(t, path), Options{})
	if tr.Reports != len(files) || len(tr.Skipped) > 0 {
		t.Errorf("%d of %d reports are used, skipped: %v", tr.Reports, len(files), tr.Skipped)
	}
	if len(tr.Targets) != 2 { // before 1.1 a report did not say its target
		t.Errorf("targets %+v", tr.Targets)
	}
	for _, s := range tr.Processes {
		if s.Name != "python3" || s.Now == 0 {
			t.Errorf("process %+v", s)
		}
	}
	if len(tr.Findings) == 0 {
		t.Fatal("no finding")
	}
	for _, s := range tr.Findings {
		if s.Name != "python3" || s.Detail == nil || s.Detail.Summary == "" || s.Detail.Fix == "" || len(s.Detail.Facts) < 3 {
			t.Errorf("%s %s of %s, last %d, %d: %+v", s.Level, s.Rule, s.Name, s.Now, s.Max, s.Detail)
		}
	}
	pageOf(t, tr)
}
