package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/check"
	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/report"
)

// knownFlags are the flags about findings that the project has accepted.
type knownFlags struct {
	path  string
	write bool
	known *check.Known // nil when no file was read
}

func (f *knownFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.path, "baseline", "", "`file` of known findings, which do not fail the check while they are not twice as many")
	cmd.Flags().BoolVar(&f.write, "write-baseline", false, "write the findings of this run to the --baseline file, and exit 0")
}

// open reads the file, or finds out whether it can be written.
func (f *knownFlags) open() error {
	switch {
	case f.path == "" && f.write:
		return usage("--write-baseline needs --baseline FILE")
	case f.path == "":
		return nil
	case f.write:
		if err := writable(f.path); err != nil {
			return err
		}
	}
	file, err := os.Open(f.path)
	if f.write && err != nil {
		return nil // it is about to be made
	}
	if errors.Is(err, fs.ErrNotExist) {
		return usage("--baseline: %w; --write-baseline makes it", err)
	}
	if err != nil {
		return usage("--baseline: %w", err)
	}
	defer file.Close()
	if f.known, err = check.ReadKnown(file); err != nil && !f.write { // it is about to be replaced
		return usage("--baseline %s: %w", f.path, err)
	}
	return nil
}

// writable reports whether a file can be put in the place of path.
func writable(path string) error {
	t, err := tempBeside(path)
	if err != nil {
		return fmt.Errorf("--write-baseline: %w; choose a file that can be written", err)
	}
	return errors.Join(t.Close(), os.Remove(t.Name()))
}

// tempBeside opens a new file in the directory of path, where a rename can
// put it in its place.
func tempBeside(path string) (*os.File, error) {
	if st, err := os.Stat(path); err == nil && !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	return os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
}

// apply takes the known findings out of the report's and says so.
func (f *knownFlags) apply(r *report.Report, several int) *report.Report {
	if f.known == nil || f.write {
		return r
	}
	parted := f.known.Split(r.Findings, r.Snapshot, several)
	out := report.Of(r.Snapshot, r.History, parted.Fresh)
	out.Tally.NotJudged, out.Tally.NotJudgedAge = r.Tally.NotJudged, r.Tally.NotJudgedAge // known findings are judged ones
	out.Version, out.Command, out.Rules, out.Hints = r.Version, r.Command, r.Rules, r.Hints
	if len(parted.Known) > 0 {
		out.Hints = append(out.Hints, fmt.Sprintf("%s known from %s, not shown and not counted", leak.Plural(len(parted.Known), "finding"), f.path))
	}
	for _, e := range parted.Unused {
		out.Hints = append(out.Hints, fmt.Sprintf("%s lists %s of %s (%s), which was not found any more; remove it there", f.path, e.Rule, e.Process, e.Fingerprint))
	}
	return out
}

// save writes the findings of the report to the file, at once or not at all.
func (f *knownFlags) save(r *report.Report) error {
	t, err := tempBeside(f.path)
	if err != nil {
		return fmt.Errorf("write the baseline: %w", err)
	}
	err = errors.Join(
		check.NewKnown(r.Findings, r.Snapshot, f.known, report.Clean).Write(t),
		t.Chmod(0o644), // it is a file of the project, to be committed
		t.Sync(),
		t.Close(),
	)
	if err == nil {
		err = os.Rename(t.Name(), f.path)
	}
	if err != nil {
		os.Remove(t.Name())
		return fmt.Errorf("write the baseline: %w", err)
	}
	return nil
}
