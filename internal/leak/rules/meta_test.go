package rules

import (
	"github.com/sockleak/sockleak/internal/leak"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sockleak/sockleak/internal/corpus"
	"github.com/sockleak/sockleak/internal/socket"
)

// fixLength is two lines of the verdict page's "fix" row, about.
const fixLength = 165

func TestEveryRuleIsDocumented(t *testing.T) {
	for _, r := range All() {
		t.Run(r.ID, func(t *testing.T) {
			for field, text := range map[string]string{"Title": r.Title, "Means": r.Doc.Means, "Causes": r.Doc.Causes,
				"Evidence": r.Doc.Evidence, "BlindSpot": r.Doc.BlindSpot} {
				if text == "" || text != strings.TrimSpace(text) || strings.ContainsAny(text, "\n\t") || strings.Contains(text, "  ") {
					t.Errorf("%s is not a paragraph of plain text: %q", field, text)
				}
				if field != "Title" && !strings.HasSuffix(text, ".") {
					t.Errorf("%s is cut off: %q", field, text)
				}
			}
			if r.Remedy.Any[socket.RuntimeUnknown] == "" || r.Remedy.Any[socket.Python] == "" {
				t.Error("no general remedy, or none for Python")
			}
			for rt, text := range r.Remedy.Any {
				if len(text) > fixLength || strings.ContainsAny(text, "\n\t") {
					t.Errorf("remedy for %q has %d characters, and must fit in %d on one line: %s", rt, len(text), fixLength, text)
				}
			}
		})
	}
}

func TestRuleIDs(t *testing.T) {
	shape := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	for _, r := range All() {
		if !shape.MatchString(r.ID) || seen[r.ID] {
			t.Errorf("rule ID %q is malformed or used twice", r.ID)
		}
		seen[r.ID] = true
		if got, ok := ByID(r.ID); !ok || got.Title != r.Title {
			t.Errorf("ByID(%q) finds another rule", r.ID)
		}
		if r.Severity < leak.Note || r.Severity > leak.Leak || strings.HasSuffix(r.Title, ".") || r.Check == nil && r.Match == nil && r.Via == "" {
			t.Errorf("%s: incomplete", r.ID)
		}
	}
	if _, ok := ByID("no-such-rule"); ok {
		t.Error("ByID finds a rule that does not exist")
	}
}

// TestEveryRuleHasFixtures: a rule needs a case that reaches its severity and
// one that it must leave alone, and a real program of each kind.
func TestEveryRuleHasFixtures(t *testing.T) {
	cases := ruleCases()
	programs, err := corpus.Cases("../../../testdata/programs", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range All() {
		has := func(level leak.Level) bool {
			return slices.ContainsFunc(cases, func(c ruleCase) bool { return c.rule == r.ID && c.level == level })
		}
		if !has(r.Severity) {
			t.Errorf("%s: no table case reaches level %s", r.ID, r.Severity)
		}
		if !has(silence) {
			t.Errorf("%s: no table case of a healthy look-alike", r.ID)
		}
		if !slices.ContainsFunc(programs, func(c corpus.Case) bool { return slices.Contains(c.Kind.Rules, r.ID) }) {
			t.Errorf("%s: no program in testdata/programs", r.ID)
		}
	}
	for _, c := range cases {
		if r, ok := ByID(c.rule); !ok || c.level > r.Severity {
			t.Errorf("case %s/%s: no such rule, or a level above its severity", c.rule, c.name)
		}
	}
}

// TestEveryClauseHasItsProgram: what acquits is shown by a healthy program of
// the corpus, what convicts by a leaking one.
func TestEveryClauseHasItsProgram(t *testing.T) {
	programs, err := corpus.Cases("../../../testdata/programs", "")
	if err != nil {
		t.Fatal(err)
	}
	there := func(name string, leaking bool) bool {
		return slices.ContainsFunc(programs, func(c corpus.Case) bool {
			if leaking {
				return c.Program == name && c.Label() != corpus.Healthy
			}
			return c.Program == name && c.Label() != corpus.Leaky
		})
	}
	for _, r := range All() {
		seen := map[string]bool{}
		for _, s := range r.Spares {
			if s.ID == "" || s.Means == "" || s.Unknown == "" || s.Ask == nil || seen[s.ID] {
				t.Errorf("%s: the spare %q is incomplete or there twice", r.ID, s.ID)
			}
			seen[s.ID] = true
			if !there(s.Program, false) {
				t.Errorf("%s: no program %s that does not leak shows what %s acquits", r.ID, s.Program, s.ID)
			}
		}
		for _, p := range slices.Concat(r.Grounds, r.Proofs) {
			if p.ID == "" || p.Means == "" || p.Ask == nil || !there(p.Program, true) {
				t.Errorf("%s: no leaking program %q shows what %s proves", r.ID, p.Program, p.ID)
			}
		}
	}
}
