package cli

import (
	"fmt"
	"maps"
	"slices"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// clauseList is the questions of a rule of one kind, as lines to read.
type clauseList struct {
	head  string
	lines []string
}

// clauses returns what a rule asks, without the kinds that it does not have.
func clauses(r *leak.Rule) []clauseList {
	var spared, open, grounds, proofs []string
	for _, s := range r.Spares {
		if s.Means != "-" {
			spared = append(spared, s.Means)
		}
		if s.Unknown != "-" {
			open = append(open, s.Unknown)
		}
	}
	for _, p := range r.Grounds {
		grounds = append(grounds, p.Means)
	}
	for _, p := range r.Proofs {
		proofs = append(proofs, p.Means)
	}
	if r.Via != "" {
		proofs = append(proofs, "it is spared and proven as "+r.Via+" is")
	}
	all := []clauseList{{"What acquits a socket", spared}, {"What keeps it a suspicion", open},
		{"What makes it worth a suspicion", grounds}, {"What proves it (any of these)", proofs}}
	return slices.DeleteFunc(all, func(l clauseList) bool { return len(l.lines) == 0 })
}

// explainRule explains all that is known of a rule.
func explainRule(p *prose, r leak.Rule) {
	p.row(report.LevelColor(r.Severity), r.ID, len(r.ID)+1, fmt.Sprintf("(up to level %s)", r.Severity))
	p.row("", "", 0, r.Title)
	for _, part := range []topicPart{
		{"What it means", r.Doc.Means},
		{"What causes it", r.Doc.Causes},
		{"What the verdict is based on", r.Doc.Evidence},
		{"What it cannot see", r.Doc.BlindSpot},
		{"What it does not report", r.Doc.LookAlike},
	} {
		if part.text != "" {
			p.section(part.head, part.text)
		}
	}
	for _, list := range clauses(&r) {
		p.head(list.head)
		for _, text := range list.lines {
			p.bullet(text)
		}
	}
	p.head("How to fix it")
	advice(p, "", r.Remedy.Any)
	advice(p, "accepted: ", r.Remedy.Accepted)
	if r.Remedy.Operator != "" {
		p.row(words.Cyan, "  operator", 12, r.Remedy.Operator)
	}
}

// advice writes what to change, by runtime.
func advice(p *prose, role string, a leak.Advice) {
	for _, rt := range slices.Sorted(maps.Keys(a)) {
		name := string(rt)
		if rt == socket.RuntimeUnknown {
			name = "any"
		}
		p.row(words.Cyan, "  "+name, 12, role+a[rt])
	}
}
