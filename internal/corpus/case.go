package corpus

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Label says what must be said of a program.
type Label string

// The labels.
const (
	Leaky   Label = "leaky"   // must be flagged, with its cause
	Healthy Label = "healthy" // must not be flagged
	Noted   Label = "noted"   // its cause must be named; the exit code is not judged
	// Suspected must be suspected, with its cause, and not be called a leak: what
	// can be seen of it proves nothing.
	Suspected Label = "suspected"
)

// Case is one program of the corpus.
type Case struct {
	Program string // KIND/FILE, below testdata/programs
	Kind    Kind
}

// Label tells from the name of the file what the program is.
func (c Case) Label() Label {
	base := path.Base(c.Program)
	switch {
	case strings.HasPrefix(base, "leaky"):
		return Leaky
	case strings.HasPrefix(base, "noted"):
		return Noted
	case strings.HasPrefix(base, "suspected"):
		return Suspected
	}
	return Healthy
}

// languages are the extensions that stage.py knows how to run.
var languages = [...]string{".py", ".c", ".go", ".js", ".java"}

// Cases returns the programs below dir, which is testdata/programs, in the
// order of Kinds, whose KIND/FILE matches the pattern.
func Cases(dir, pattern string) ([]Case, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("select programs: %w", err)
	}
	var list []Case
	for _, k := range Kinds() {
		files, err := os.ReadDir(filepath.Join(dir, k.Name))
		if err != nil {
			return nil, fmt.Errorf("list programs: %w", err)
		}
		for _, f := range files {
			c := Case{Program: k.Name + "/" + f.Name(), Kind: k}
			if f.Name() != "peer.py" && slices.Contains(languages[:], path.Ext(f.Name())) && re.MatchString(c.Program) {
				list = append(list, c)
			}
		}
	}
	return list, nil
}
