package check

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

// knownVersion is the version of the baseline file. It rises when an older
// sockleak would misunderstand the file.
const knownVersion = 1

// ErrKnownVersion: the baseline file was written by another generation of
// sockleak.
var ErrKnownVersion = errors.New("baseline of another version")

// Known are the findings that a project has accepted: they do not fail a
// check. It is the content of the file that --baseline names.
type Known struct {
	Version  int            `yaml:"version"`
	Findings []KnownFinding `yaml:"findings"`
}

// KnownFinding is one accepted finding. Only the fingerprint identifies it;
// the rest is for the people who read the file.
type KnownFinding struct {
	Fingerprint string `yaml:"fingerprint"`
	Rule        string `yaml:"rule"`
	Process     string `yaml:"process,omitempty"`
	Summary     string `yaml:"summary,omitempty"`
}

// knownHead is the comment at the top of a baseline file.
const knownHead = `# Known findings of sockleak check: these do not fail a build, new ones do.
# Written by sockleak check --write-baseline; entries that are fixed may go.
`

// ReadKnown reads a baseline file. It refuses fields that it does not know
// and files of another version.
func ReadKnown(r io.Reader) (*Known, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	// The version comes first and leniently: a file of a later version may
	// well have fields that strict decoding would reject with a worse error.
	var head struct {
		Version *int `yaml:"version"`
	}
	if err := yaml.Unmarshal(data, &head); err != nil {
		return nil, notBaseline(err)
	}
	switch {
	case head.Version == nil:
		return nil, errors.New("not a baseline file: it has no version; --write-baseline makes one")
	case *head.Version != knownVersion:
		return nil, fmt.Errorf("%w: the file has version %d, this sockleak reads version %d; write it anew with --write-baseline",
			ErrKnownVersion, *head.Version, knownVersion)
	}
	var k Known
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&k); err != nil {
		return nil, notBaseline(err)
	}
	for i, f := range k.Findings {
		if f.Fingerprint == "" {
			return nil, fmt.Errorf("entry %d has no fingerprint", i+1)
		}
	}
	return &k, nil
}

// notBaseline puts the decoder's error, which may have several lines, on one.
func notBaseline(err error) error {
	return fmt.Errorf("not a baseline file: %s", strings.Join(strings.Fields(err.Error()), " "))
}

// NewKnown returns a baseline that accepts the findings of level suspect and
// leak. clean makes text from other processes safe to print.
func NewKnown(findings []leak.Finding, s *socket.Snapshot, clean func(string) string) *Known {
	k := &Known{Version: knownVersion}
	for i := range findings {
		f := &findings[i]
		if f.Level < leak.Suspect {
			continue
		}
		p := s.Process(f.Process)
		entry := KnownFinding{Fingerprint: f.Fingerprint(p), Rule: f.Rule, Summary: clean(f.Summary)}
		if p != nil {
			entry.Process = clean(p.Name)
		}
		k.Findings = append(k.Findings, entry)
	}
	slices.SortFunc(k.Findings, func(a, b KnownFinding) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Process, b.Process), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	k.Findings = slices.CompactFunc(k.Findings, func(a, b KnownFinding) bool { return a.Fingerprint == b.Fingerprint })
	return k
}

// Write writes the baseline file.
func (k *Known) Write(w io.Writer) error {
	if _, err := io.WriteString(w, knownHead); err != nil {
		return err
	}
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	return errors.Join(enc.Encode(k), enc.Close())
}

// Split parts the findings into those that are not known and those that are,
// and returns the entries that match nothing any more.
func (k *Known) Split(findings []leak.Finding, s *socket.Snapshot) (fresh, known []leak.Finding, unused []KnownFinding) {
	used := map[string]bool{}
	listed := map[string]bool{}
	for _, e := range k.Findings {
		listed[e.Fingerprint] = true
	}
	for i := range findings {
		f := &findings[i]
		print := f.Fingerprint(s.Process(f.Process))
		if listed[print] && f.Level >= leak.Suspect {
			used[print] = true
			known = append(known, *f)
		} else {
			fresh = append(fresh, *f)
		}
	}
	for _, e := range k.Findings {
		if !used[e.Fingerprint] {
			unused = append(unused, e)
		}
	}
	return fresh, known, unused
}
