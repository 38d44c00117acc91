package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sockleak/sockleak/internal/leak"
)

// version of the settings file. It rises when an older sockleak would
// misunderstand the file.
const version = 1

// file is the settings file.
type file struct {
	Version    int        `yaml:"version"`
	Thresholds thresholds `yaml:"thresholds,omitempty"`
	Ignore     []ignore   `yaml:"ignore"`
}

// ignore is one entry of the list of ignores.
type ignore struct {
	Rule        string      `yaml:"rule"`
	Process     glob        `yaml:"process,omitempty"`
	Peer        *peer       `yaml:"peer,omitempty"`
	Port        port        `yaml:"port,omitempty"`
	Fingerprint fingerprint `yaml:"fingerprint,omitempty"`
	Sockets     count       `yaml:"sockets,omitempty"`
	Reason      string      `yaml:"reason,omitempty"`
	Until       day         `yaml:"until,omitempty"`
}

// lineError is an error at a line of the file, counted from 1.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.err) }
func (e *lineError) Unwrap() error { return e.err }

// decode reads the file, and the lines at which its ignores begin.
func decode(data []byte) (*file, []int, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, nil, err
	}
	// The version comes first and leniently: a file of a later version may
	// well have keys that strict decoding would reject with a worse error.
	if err := checkVersion(&root); err != nil {
		return nil, nil, err
	}
	var f file
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		return nil, nil, err
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, nil, errors.New("more than one document; put everything into the first")
	}
	var lines []int
	if list := value(&root, "ignore"); list != nil {
		for list.Kind == yaml.AliasNode {
			list = list.Alias
		}
		for _, n := range list.Content {
			lines = append(lines, n.Line)
		}
	}
	if len(lines) != len(f.Ignore) {
		return nil, nil, errors.New("the list of ignores must be directly under the key ignore")
	}
	return &f, lines, nil
}

func checkVersion(root *yaml.Node) error {
	n := value(root, "version")
	if n == nil {
		return &lineError{1, fmt.Errorf("no version; the file needs the line: version: %d", version)}
	}
	v, err := strconv.Atoi(n.Value) // decoding would take 1.5 for 1
	if err != nil || v < 1 {
		return &lineError{n.Line, fmt.Errorf("%q is not a version; this sockleak reads version %d", n.Value, version)}
	}
	if v > version {
		return &lineError{n.Line, fmt.Errorf("version %d is newer than this sockleak, which reads version %d; update sockleak", v, version)}
	}
	return nil
}

// value returns what stands under a key at the top of the document, or nil.
func value(root *yaml.Node, key string) *yaml.Node {
	if len(root.Content) == 0 || root.Content[0].Kind != yaml.MappingNode {
		return nil
	}
	pairs := root.Content[0].Content
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i].Value == key {
			return pairs[i+1]
		}
	}
	return nil
}

// scalar runs parse on the text of a scalar and gives its error the line.
func scalar[T any](n *yaml.Node, into *T, parse func(string) (T, error)) error {
	v, err := parse(n.Value)
	if n.Kind != yaml.ScalarNode {
		err = errors.New("expected a single value")
	}
	if err != nil {
		return &lineError{n.Line, err}
	}
	*into = v
	return nil
}

// count is a number above zero.
type count int

// UnmarshalYAML reads a number.
func (c *count) UnmarshalYAML(n *yaml.Node) error {
	return scalar(n, c, func(text string) (count, error) {
		v, err := strconv.Atoi(text)
		if err != nil || v < 1 {
			return 0, fmt.Errorf("%q is not a whole number above zero", text)
		}
		return count(v), nil
	})
}

// port is a port number.
type port uint16

// UnmarshalYAML reads a port.
func (p *port) UnmarshalYAML(n *yaml.Node) error {
	return scalar(n, p, func(text string) (port, error) {
		v, err := strconv.ParseUint(text, 10, 16)
		if err != nil || v == 0 {
			return 0, fmt.Errorf("%q is not a port from 1 to 65535", text)
		}
		return port(v), nil
	})
}

// glob is a pattern of path.Match.
type glob string

// UnmarshalYAML reads a pattern.
func (g *glob) UnmarshalYAML(n *yaml.Node) error {
	return scalar(n, g, func(text string) (glob, error) {
		if _, err := path.Match(text, ""); err != nil || text == "" {
			return "", fmt.Errorf("%q is not a pattern such as gunicorn or 'api-*'", text)
		}
		return glob(text), nil
	})
}

// peer is a leak.PeerPattern.
type peer leak.PeerPattern

// UnmarshalYAML reads ADDR[/BITS][:PORT].
func (p *peer) UnmarshalYAML(n *yaml.Node) error {
	return scalar(n, p, func(text string) (peer, error) {
		v, err := leak.ParsePeer(text)
		return peer(v), err
	})
}

// fingerprint is that of a finding.
type fingerprint string

// UnmarshalYAML reads a fingerprint as reports show it.
func (f *fingerprint) UnmarshalYAML(n *yaml.Node) error {
	return scalar(n, f, func(text string) (fingerprint, error) {
		base, place, placed := strings.Cut(text, "-")
		if len(base) != 16 || placed && len(place) != 8 || strings.Trim(base+place, "0123456789abcdef") != "" {
			return "", fmt.Errorf("%q is not a fingerprint of 16 hexadecimal digits, or these, a dash and 8 more, as -o json shows it", text)
		}
		return fingerprint(text), nil
	})
}

// day is the end of a day in UTC, so that a file says the same everywhere.
type day time.Time

// UnmarshalYAML reads a date such as 2026-12-31.
func (d *day) UnmarshalYAML(n *yaml.Node) error {
	return scalar(n, d, func(text string) (day, error) {
		t, err := time.Parse(time.DateOnly, text)
		if err != nil {
			return day{}, fmt.Errorf("%q is not a date such as 2026-12-31", text)
		}
		return day(t.AddDate(0, 0, 1)), nil
	})
}
