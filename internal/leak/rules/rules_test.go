package rules

import (
	"github.com/sockleak/sockleak/internal/leak"
	"slices"
	"strings"
	"testing"

	"github.com/sockleak/sockleak/internal/track"
)

// silence is the level of a rule that must say nothing.
const silence leak.Level = 0

// ruleCase is one situation and what one rule must say of it. No other rule
// may call it a leak.
type ruleCase struct {
	rule     string
	name     string
	level    leak.Level // silence, or that of the one finding of the rule
	h        *track.History
	evidence string // part of what the finding says; "" for anything
}

// ruleCases returns every case of every rule.
func ruleCases() []ruleCase {
	return slices.Concat(closeWaitCases(), finWaitCases(), queueCases(), openCases(), sendCases(), heldCases(), absentCases(), contextCases(), populationCases(), objectCases())
}

func TestRules(t *testing.T) {
	for _, c := range ruleCases() {
		t.Run(c.rule+"/"+c.name, func(t *testing.T) {
			all := Judge(c.h, leak.Defaults())
			var own []leak.Finding
			for _, f := range all {
				switch {
				case f.Rule == c.rule:
					own = append(own, f)
				case f.Level == leak.Leak:
					t.Errorf("%s calls it a leak", f.Rule)
				}
			}
			c.check(t, own)
			if t.Failed() {
				t.Logf("findings:\n%s", describe(all))
			}
		})
	}
}

func (c *ruleCase) check(t *testing.T, own []leak.Finding) {
	if c.level == silence {
		if len(own) != 0 {
			t.Error("it should say nothing")
		}
		return
	}
	if len(own) != 1 {
		t.Fatalf("%d findings, want one", len(own))
	}
	f := own[0]
	if f.Level != c.level {
		t.Errorf("level %s, want %s", f.Level, c.level)
	}
	text := f.Summary + "\n" + strings.Join(f.Evidence, "\n") + "\n" + f.Matters
	if !strings.Contains(text, c.evidence) {
		t.Errorf("it does not say %q", c.evidence)
	}
	if f.Summary == "" || f.Fix == "" {
		t.Error("it lacks a summary or a fix")
	}
}
