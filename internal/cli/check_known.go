package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/atomicfile"
	"github.com/sockleak/sockleak/internal/caller"
	"github.com/sockleak/sockleak/internal/check"
	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/settings"
	"github.com/sockleak/sockleak/internal/words"
)

// knownFlags are the flags about findings that the project has accepted.
type knownFlags struct {
	path  string
	write bool
	file  *atomicfile.File // that is going to be written
	known []leak.Ignore    // what the file lists
}

func (f *knownFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.path, "baseline", "", "`file` of known findings, which do not fail the check unless their number doubles")
	cmd.Flags().BoolVar(&f.write, "write-baseline", false, "write the findings of this run to the --baseline file, and exit 0")
	_ = cmd.MarkFlagFilename("baseline", "yaml", "yml")
}

// open reads the file into the judgement, and finds out whether it can be
// written where it has to be.
func (f *knownFlags) open(j *judgement) error {
	switch {
	case f.path == "" && f.write:
		return usage("--write-baseline needs --baseline FILE")
	case f.path == "":
		return nil
	}
	err := caller.Do(func() (err error) {
		f.known, err = settings.ReadBaseline(f.path, knownRule)
		return err
	})
	if f.write { // what it says so far only lends its reasons
		if f.file, err = atomicfile.Open(f.path); err != nil {
			return fmt.Errorf("--write-baseline: %w; choose a file that can be written", err)
		}
		return nil
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return usage("--baseline: %w; --write-baseline makes it", err)
	case err != nil:
		return usage("--baseline: %w; --write-baseline writes it again", err)
	}
	j.filter.Ignores = append(j.filter.Ignores, f.known...)
	j.files = append(j.files, report.SettingsFile{Path: f.path})
	return nil
}

// unused says which entries of the file are about nothing any more.
func (f *knownFlags) unused(left *leak.LeftOut) []string {
	var lines []string
	for _, i := range left.Unused {
		if i.At != nil && i.At.File == f.path {
			lines = append(lines, fmt.Sprintf("%s accepts %s of %s (%s), which is no longer found; remove it there", i.From, i.Rule, i.Process, i.Fingerprint))
		}
	}
	return lines
}

// save writes the findings of the report to the file, at once or not at all.
func (f *knownFlags) save(r *report.Report) error {
	list := check.Baseline(r.Findings, r.Snapshot, f.known, words.Clean)
	if err := f.file.Replace(func(w io.Writer) error { return settings.WriteBaseline(w, list) }); err != nil {
		return fmt.Errorf("write the baseline: %w", err)
	}
	return nil
}
