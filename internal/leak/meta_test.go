package leak

import (
	"path"
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
	for _, r := range Rules() {
		t.Run(r.ID, func(t *testing.T) {
			for field, text := range map[string]string{"Title": r.Title, "Means": r.Doc.Means, "Causes": r.Doc.Causes,
				"Evidence": r.Doc.Evidence, "BlindSpot": r.Doc.BlindSpot, "LookAlike": r.Doc.LookAlike} {
				if text == "" || text != strings.TrimSpace(text) || strings.ContainsAny(text, "\n\t") || strings.Contains(text, "  ") {
					t.Errorf("%s is not a paragraph of plain text: %q", field, text)
				}
				if field != "Title" && !strings.HasSuffix(text, ".") {
					t.Errorf("%s is cut off: %q", field, text)
				}
			}
			if r.Remedy[socket.RuntimeUnknown] == "" || r.Remedy[socket.Python] == "" {
				t.Error("no general remedy, or none for Python")
			}
			for rt, text := range r.Remedy {
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
	for _, r := range Rules() {
		if !shape.MatchString(r.ID) || seen[r.ID] {
			t.Errorf("rule ID %q is malformed or used twice", r.ID)
		}
		seen[r.ID] = true
		if got, ok := ByID(r.ID); !ok || got.Title != r.Title {
			t.Errorf("ByID(%q) finds another rule", r.ID)
		}
		if r.Severity < Note || r.Severity > Leak || strings.HasSuffix(r.Title, ".") || r.Check == nil {
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
	programs, err := corpus.Cases("../../testdata/programs", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range Rules() {
		has := func(level Level) bool {
			return slices.ContainsFunc(cases, func(c ruleCase) bool { return c.rule == r.ID && c.level == level })
		}
		if !has(r.Severity) {
			t.Errorf("%s: no table case reaches level %s", r.ID, r.Severity)
		}
		if !has(silence) {
			t.Errorf("%s: no table case of a healthy look-alike", r.ID)
		}
		i := slices.IndexFunc(programs, func(c corpus.Case) bool { return slices.Contains(c.Kind.Rules, r.ID) })
		if i < 0 {
			t.Errorf("%s: no leaking program in testdata/programs", r.ID)
			continue
		}
		dir := path.Dir(programs[i].Program)
		if !slices.ContainsFunc(programs, func(c corpus.Case) bool {
			return c.Label() == corpus.Healthy && (path.Dir(c.Program) == dir || path.Dir(c.Program) == r.ID)
		}) {
			t.Errorf("%s: no healthy program in testdata/programs", r.ID)
		}
	}
	for _, c := range cases {
		if r, ok := ByID(c.rule); !ok || c.level > r.Severity {
			t.Errorf("case %s/%s: no such rule, or a level above its severity", c.rule, c.name)
		}
	}
}
