package corpus

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sockleak/sockleak/internal/leak/rules"
)

const programs = "../../testdata/programs"

func allCases(t *testing.T) []Case {
	t.Helper()
	cases, err := Cases(programs, "")
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

// TestKindsAreTheDirectories keeps the list and the disk the same.
func TestKindsAreTheDirectories(t *testing.T) {
	peers, err := filepath.Glob(filepath.Join(programs, "*", "peer.py"))
	if err != nil {
		t.Fatal(err)
	}
	var onDisk, listed []string
	for _, p := range peers {
		onDisk = append(onDisk, filepath.Base(filepath.Dir(p)))
	}
	for _, k := range Kinds() {
		listed = append(listed, k.Name)
	}
	slices.Sort(onDisk)
	slices.Sort(listed)
	if !slices.Equal(onDisk, listed) {
		t.Errorf("on disk %v, listed %v", onDisk, listed)
	}
}

// TestEveryKindHasALookAlike: a rule that accuses is only worth something
// next to a healthy program that it must leave alone.
func TestEveryKindHasALookAlike(t *testing.T) {
	labels := map[string]map[Label]bool{}
	for _, c := range allCases(t) {
		if labels[c.Kind.Name] == nil {
			labels[c.Kind.Name] = map[Label]bool{}
		}
		labels[c.Kind.Name][c.Label()] = true
	}
	for _, k := range Kinds() {
		has := labels[k.Name]
		if !has[Healthy] {
			t.Errorf("%s has no healthy program", k.Name)
		}
		if named := has[Leaky] || has[Noted] || has[Suspected]; named != (len(k.Rules) > 0) {
			t.Errorf("%s has the rules %v, and programs to name by them: %v", k.Name, k.Rules, named)
		}
	}
}

// TestEveryProgramIsDocumented: it begins by saying what it does, and a
// leaky one says how to fix it.
func TestEveryProgramIsDocumented(t *testing.T) {
	for _, c := range allCases(t) {
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
	for _, k := range Kinds() {
		for _, id := range k.Rules {
			named[id] = true
		}
	}
	for _, r := range rules.All() {
		if !named[r.ID] {
			t.Errorf("rule %s has no program", r.ID)
		}
		delete(named, r.ID)
	}
	for id := range named {
		t.Errorf("no rule is called %s", id)
	}
}

func TestCasesRefuses(t *testing.T) {
	if _, err := Cases(programs, "("); err == nil {
		t.Error("a bad pattern was taken")
	}
	if _, err := Cases(t.TempDir(), ""); err == nil {
		t.Error("a directory without programs was taken")
	}
}
