package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/leak"
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

// bullet writes one line of a list, wrapped.
func bullet(b *strings.Builder, text string, width int) {
	for i, line := range words.Wrap(text, width-4) {
		mark := "  - "
		if i > 0 {
			mark = "    "
		}
		fmt.Fprintf(b, "%s%s\n", mark, line)
	}
}

// advice writes what to change, by runtime.
func advice(b *strings.Builder, role string, a leak.Advice, width int) {
	for _, rt := range slices.Sorted(maps.Keys(a)) {
		name := string(rt)
		if rt == socket.RuntimeUnknown {
			name = "any"
		}
		adviceLine(b, name, role+a[rt], width)
	}
}

func adviceLine(b *strings.Builder, name, text string, width int) {
	for i, line := range words.Wrap(text, width-12) {
		if i > 0 {
			name = ""
		}
		fmt.Fprintf(b, "  %-9s %s\n", name, line)
	}
}
