package settings

import (
	"fmt"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/words"
)

// The highest thresholds. Above them a rule could not fire: a socket in
// CLOSE_WAIT with keepalive on (tcp_keepalive_time, 2 hours by default) leaves
// the tables, an idle connection is cut by what lies between, and a program has
// 1024 descriptors by default (RLIMIT_NOFILE).
const (
	MaxGrace   = time.Hour
	MaxProof   = 24 * time.Hour
	MaxSilence = 30 * 24 * time.Hour
	MaxSeveral = 1000
)

// thresholds are those of leak.Settings; nil where the file does not name it.
type thresholds struct {
	Grace   *grace   `yaml:"grace"`
	Proof   *proof   `yaml:"proof"`
	Silence *silence `yaml:"silence"`
	Several *several `yaml:"several"`
}

type (
	grace   time.Duration
	proof   time.Duration
	silence time.Duration
	several int
)

// UnmarshalYAML reads a duration such as 90s, 1h30m or 2d.
func (g *grace) UnmarshalYAML(n *yaml.Node) error {
	return scalar(n, g, func(text string) (grace, error) { return threshold[grace](text, MaxGrace, "1h") })
}

// UnmarshalYAML reads a duration such as 90s, 1h30m or 2d.
func (p *proof) UnmarshalYAML(n *yaml.Node) error {
	return scalar(n, p, func(text string) (proof, error) { return threshold[proof](text, MaxProof, "1d") })
}

// UnmarshalYAML reads a duration such as 90s, 1h30m or 2d.
func (s *silence) UnmarshalYAML(n *yaml.Node) error {
	return scalar(n, s, func(text string) (silence, error) { return threshold[silence](text, MaxSilence, "30d") })
}

// threshold reads a duration above zero and up to the limit.
func threshold[T ~int64](text string, limit time.Duration, shown string) (T, error) {
	d, err := ParseDuration(text)
	switch {
	case err != nil || d <= 0:
		return 0, fmt.Errorf("%q is not a duration above zero, such as 90s, 1h30m or 2d", text)
	case d > limit:
		return 0, fmt.Errorf("%s is too long: the rules could not find anything; use %s at most", text, shown)
	}
	return T(d), nil
}

// UnmarshalYAML reads a number.
func (s *several) UnmarshalYAML(n *yaml.Node) error {
	return scalar(n, s, func(text string) (several, error) {
		v, err := strconv.Atoi(text)
		switch {
		case err != nil || v < 1:
			return 0, fmt.Errorf("%q is not a whole number above zero", text)
		case v > MaxSeveral:
			return 0, fmt.Errorf("%d is too many: the rules could not find anything; use %d at most", v, MaxSeveral)
		}
		return several(v), nil
	})
}

// apply puts the thresholds that the file names over the defaults.
func (t *thresholds) apply(set *leak.Settings) {
	if t.Grace != nil {
		set.Grace = time.Duration(*t.Grace)
	}
	if t.Proof != nil {
		set.Proof = time.Duration(*t.Proof)
	}
	if t.Silence != nil {
		set.Silence = time.Duration(*t.Silence)
	}
	if t.Several != nil {
		set.Several = int(*t.Several)
	}
}

// Changed lists the thresholds that differ from the defaults, such as "grace
// 10s instead of 5s".
func (s *Settings) Changed() []string {
	is, was := &s.Thresholds, leak.Defaults()
	var list []string
	for _, t := range []struct {
		name    string
		is, was time.Duration
	}{{"grace", is.Grace, was.Grace}, {"proof", is.Proof, was.Proof}, {"silence", is.Silence, was.Silence}} {
		if t.is != t.was {
			list = append(list, fmt.Sprintf("%s %s instead of %s", t.name, words.Span(t.is), words.Span(t.was)))
		}
	}
	if is.Several != was.Several {
		list = append(list, fmt.Sprintf("several %d instead of %d", is.Several, was.Several))
	}
	return list
}
