package corpus

import (
	"path"
	"regexp"
	"strings"
)

// Label says what must be said of a program.
type Label string

// The labels.
const (
	Leaky   Label = "leaky"   // must be flagged, with its cause
	Healthy Label = "healthy" // must not be flagged
	Noted   Label = "noted"   // its cause must be named; the exit code is not judged
)

// Case is one program of the corpus.
type Case struct {
	Program string   // below testdata/programs
	Rules   []string // each names the cause truly; any one of them will do
	Growing bool     // one look may not be enough: needs --for
}

// Label tells from the name of the file what the program is.
func (c Case) Label() Label {
	base := path.Base(c.Program)
	switch {
	case strings.HasPrefix(base, "leaky"):
		return Leaky
	case strings.HasPrefix(base, "noted"):
		return Noted
	}
	return Healthy
}

// Select returns the cases whose program matches the pattern.
func Select(pattern string) ([]Case, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	var list []Case
	for _, c := range Cases() {
		if re.MatchString(c.Program) {
			list = append(list, c)
		}
	}
	return list, nil
}
