package corpus

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sockleak/sockleak/internal/leak"
)

const programs = "../../testdata/programs"

// TestCasesAreTheFiles keeps the list and the directory the same.
func TestCasesAreTheFiles(t *testing.T) {
	var files []string
	found, err := filepath.Glob(filepath.Join(programs, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if base := filepath.Base(f); base != "peer.py" && base != "__pycache__" {
			files = append(files, filepath.Base(filepath.Dir(f))+"/"+base)
		}
	}
	var listed []string
	for _, c := range Cases() {
		listed = append(listed, c.Program)
	}
	slices.Sort(files)
	slices.Sort(listed)
	for _, f := range files {
		if !slices.Contains(listed, f) {
			t.Errorf("%s is not in Cases", f)
		}
	}
	for _, p := range listed {
		if !slices.Contains(files, p) {
			t.Errorf("%s is in Cases but not in testdata", p)
		}
	}
	if len(slices.Compact(listed)) != len(Cases()) {
		t.Error("Cases lists a program twice")
	}
}

func TestEveryCaseSaysWhatIsTrueOfIt(t *testing.T) {
	for _, c := range Cases() {
		if (len(c.Rules) == 0) != (c.Label() == Healthy) {
			t.Errorf("%s is %s and has the rules %v", c.Program, c.Label(), c.Rules)
		}
	}
}

// TestEveryLeakHasALookAlike: a rule that accuses is only worth something
// next to a healthy program that it must leave alone.
func TestEveryLeakHasALookAlike(t *testing.T) {
	healthy := map[string]bool{}
	for _, c := range Cases() {
		if c.Label() == Healthy {
			healthy[path.Dir(c.Program)] = true
		}
	}
	for _, c := range Cases() {
		if !healthy[path.Dir(c.Program)] {
			t.Errorf("%s has no healthy look-alike in its directory", c.Program)
		}
	}
}

// TestEveryProgramIsDocumented: its first lines say what it does wrong.
func TestEveryProgramIsDocumented(t *testing.T) {
	for _, c := range Cases() {
		source, err := os.ReadFile(filepath.Join(programs, c.Program))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(source), `"""`) && !strings.HasPrefix(string(source), "/") {
			t.Errorf("%s does not start with a comment", c.Program)
		}
		if c.Label() == Leaky && !strings.Contains(string(source), "Fix:") {
			t.Errorf("%s does not say how to fix it", c.Program)
		}
	}
}

// TestEveryRuleHasAProgram: no rule without a real program that it must name,
// and no program that waits for a rule that does not exist.
func TestEveryRuleHasAProgram(t *testing.T) {
	named := map[string]bool{}
	for _, c := range Cases() {
		for _, id := range c.Rules {
			named[id] = true
		}
	}
	for _, r := range leak.Rules() {
		if !named[r.ID] {
			t.Errorf("rule %s has no program", r.ID)
		}
		delete(named, r.ID)
	}
	for id := range named {
		t.Errorf("no rule is called %s", id)
	}
}
