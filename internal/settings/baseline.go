package settings

import (
	"errors"
	"fmt"
	"io"
	"path"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sockleak/sockleak/internal/leak"
)

// ReadBaseline reads the file of a baseline: a settings file that only lists
// what is ignored. known is as for Read.
func ReadBaseline(name string, known func(rule string) bool) ([]leak.Ignore, error) {
	s, err := Read(name, known)
	if err != nil {
		return nil, err
	}
	if s.Thresholds != leak.Defaults() {
		return nil, fmt.Errorf("%s: a baseline has no thresholds; put them into %s", name, FileName)
	}
	return s.Ignores, nil
}

// baselineHead is the comment at the top of a baseline.
const baselineHead = `# Known findings of sockleak check: these do not fail a build, new ones do.
# sockleak check --write-baseline has written this and keeps the reason and until
# of entries that it finds again. A finding counts again after the day that until
# names, and when it has twice as many sockets. Entries may move to ` + FileName + `.
`

// WriteBaseline writes what is ignored, in the form that Read reads.
func WriteBaseline(w io.Writer, list []leak.Ignore) error {
	entries := &yaml.Node{Kind: yaml.SequenceNode}
	for i := range list {
		node := new(yaml.Node)
		if err := node.Encode(entryOf(&list[i])); err != nil {
			return err
		}
		node.HeadComment = list[i].Summary
		entries.Content = append(entries.Content, node)
	}
	if _, err := io.WriteString(w, baselineHead); err != nil {
		return err
	}
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	return errors.Join(enc.Encode(struct {
		Version int        `yaml:"version"`
		Ignore  *yaml.Node `yaml:"ignore"`
	}{version, entries}), enc.Close())
}

func entryOf(i *leak.Ignore) *ignore {
	e := &ignore{
		Rule: i.Rule, Port: port(i.Port), Fingerprint: fingerprint(i.Fingerprint), Sockets: count(i.Sockets),
		Reason: i.Reason, Until: day(i.Until),
	}
	// A name that is itself a pattern is left to the fingerprint.
	if ok, err := path.Match(i.Process, i.Process); ok && err == nil {
		e.Process = glob(i.Process)
	}
	if i.Peer != nil {
		p := peer(*i.Peer)
		e.Peer = &p
	}
	return e
}

// IsZero reports whether there is no last day.
func (d day) IsZero() bool { return time.Time(d).IsZero() }

// MarshalYAML writes the last day.
func (d day) MarshalYAML() (any, error) {
	return &yaml.Node{Kind: yaml.ScalarNode, Value: time.Time(d).AddDate(0, 0, -1).Format(time.DateOnly)}, nil
}

// MarshalYAML writes ADDR[/BITS][:PORT].
func (p *peer) MarshalYAML() (any, error) { return (*leak.PeerPattern)(p).String(), nil }
