package check

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

// knownVersion is the version of the baseline file. It rises when an older
// sockleak would misunderstand the file.
const knownVersion = 2

// ErrKnownVersion: the baseline file was written by another generation of
// sockleak.
var ErrKnownVersion = errors.New("baseline of another version")

// Known are the findings that a project has accepted: they do not fail a
// check. It is the content of the file that --baseline names.
type Known struct {
	Version  int            `yaml:"version"`
	Findings []KnownFinding `yaml:"findings"`
}

// KnownFinding is one accepted finding. The fingerprint identifies it; rule,
// process and summary are for the people who read the file.
type KnownFinding struct {
	Fingerprint string `yaml:"fingerprint"`
	Rule        string `yaml:"rule"`
	Process     string `yaml:"process,omitempty"`
	// Sockets is how many there were when the finding was accepted. From twice
	// as many on it counts again, see tooMany.
	Sockets int    `yaml:"sockets"`
	Reason  string `yaml:"reason,omitempty"` // why it is accepted
	Until   string `yaml:"until,omitempty"`  // last day on which it is, such as 2026-12-31; "" is for good
	Summary string `yaml:"summary,omitempty"`
}

// tooMany reports whether there are so many more sockets than were accepted
// that it is not the same matter any more: twice as many, and several more.
func (e *KnownFinding) tooMany(now, several int) bool {
	return now >= 2*e.Sockets && now-e.Sockets >= several
}

// expired reports whether the last day of the entry is over.
func (e *KnownFinding) expired(now time.Time) bool {
	last, err := time.Parse(time.DateOnly, e.Until)
	return e.Until != "" && err == nil && !now.Before(last.AddDate(0, 0, 1))
}

// knownHead is the comment at the top of a baseline file.
const knownHead = `# Known findings of sockleak check: these do not fail a build, new ones do.
# Written by sockleak check --write-baseline, which keeps reason and until of the
# entries that it finds again. A finding counts again after the day that until
# names, and when it has twice as many sockets as the entry.
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
		return nil, fmt.Errorf("%w: the file has version %d, this sockleak reads version %d; write it again with --write-baseline",
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
		if _, err := time.Parse(time.DateOnly, f.Until); f.Until != "" && err != nil {
			return nil, fmt.Errorf("entry %d: until %q is not a date such as 2026-12-31", i+1, f.Until)
		}
		if f.Sockets < 0 {
			return nil, fmt.Errorf("entry %d: sockets %d is negative", i+1, f.Sockets)
		}
	}
	return &k, nil
}

// notBaseline puts the decoder's error, which may have several lines, on one.
func notBaseline(err error) error {
	return fmt.Errorf("not a baseline file: %s", strings.Join(strings.Fields(err.Error()), " "))
}

// NewKnown returns a baseline that accepts the findings of level suspect and
// leak, with the reasons and dates that old, which may be nil, gives for them.
// clean makes text from other processes safe to print.
func NewKnown(findings []leak.Finding, s *socket.Snapshot, old *Known, clean func(string) string) *Known {
	k := &Known{Version: knownVersion}
	at := map[string]int{}
	for i := range findings {
		f := &findings[i]
		if f.Level < leak.Suspect {
			continue
		}
		p := s.Process(f.Process)
		print := f.Fingerprint(p)
		if j, ok := at[print]; ok {
			k.Findings[j].Sockets += len(f.Sockets)
			continue
		}
		entry := KnownFinding{Fingerprint: print, Rule: f.Rule, Sockets: len(f.Sockets), Summary: clean(f.Summary)}
		if p != nil {
			entry.Process = clean(p.Name)
		}
		if was := old.entry(print); was != nil {
			entry.Reason, entry.Until = was.Reason, was.Until
		}
		at[print] = len(k.Findings)
		k.Findings = append(k.Findings, entry)
	}
	slices.SortFunc(k.Findings, func(a, b KnownFinding) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Process, b.Process), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	return k
}

// entry returns the entry with the fingerprint, or nil.
func (k *Known) entry(print string) *KnownFinding {
	if k == nil {
		return nil
	}
	for i := range k.Findings {
		if k.Findings[i].Fingerprint == print {
			return &k.Findings[i]
		}
	}
	return nil
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

// Parted is a list of findings, parted by a baseline.
type Parted struct {
	Fresh  []leak.Finding // not in the baseline, or not accepted by it any more, which the evidence says
	Known  []leak.Finding
	Unused []KnownFinding // entries that match nothing any more
}

// Split parts the findings of a snapshot by whether the baseline accepts
// them. several is the number of sockets that makes "a few" into "many".
func (k *Known) Split(findings []leak.Finding, s *socket.Snapshot, several int) Parted {
	var p Parted
	counts := map[string]int{} // findings with one fingerprint are one matter
	for i := range findings {
		counts[findings[i].Fingerprint(s.Process(findings[i].Process))] += len(findings[i].Sockets)
	}
	used := map[string]bool{}
	for _, f := range findings {
		print := f.Fingerprint(s.Process(f.Process))
		e := k.entry(print)
		if e == nil || f.Level < leak.Suspect {
			p.Fresh = append(p.Fresh, f)
			continue
		}
		used[print] = true
		why := ""
		switch {
		case e.expired(s.Taken):
			why = "the baseline accepts it until " + e.Until + ", which is over"
		case e.tooMany(counts[print], several):
			why = fmt.Sprintf("the baseline accepts %s; now there are %d", leak.Plural(e.Sockets, "socket"), counts[print])
		default:
			p.Known = append(p.Known, f)
			continue
		}
		f.Evidence = append(f.Evidence[:len(f.Evidence):len(f.Evidence)], why)
		p.Fresh = append(p.Fresh, f)
	}
	for _, e := range k.Findings {
		if !used[e.Fingerprint] {
			p.Unused = append(p.Unused, e)
		}
	}
	return p
}
