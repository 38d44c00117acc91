package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

// summary is the last line: the verdict, and what it stands on.
func (p *page) summary(r *Report) {
	p.printf("%s%s\n", p.paint(verdictColor(r.Verdict), verdictWords(r)), lookedAt(r))
	for _, why := range accountWords(r.Accounts) {
		p.printf("%s\n", why)
	}
}

func verdictWords(r *Report) string {
	counts := map[leak.Level]int{}
	for i := range r.Findings {
		counts[r.Findings[i].Level] += len(r.Findings[i].Sockets)
	}
	switch r.Verdict {
	case Leaky:
		return "leak: " + leak.Plural(counts[leak.Leak], "socket") + " leaked"
	case Suspected:
		if counts[leak.Suspect] == 0 { // such as about a setting
			return "suspect: there is something to look at"
		}
		return "suspect: " + leak.Plural(counts[leak.Suspect], "socket") + " to look at"
	case Unseen:
		return "unknown: could not see enough to say"
	}
	return "clean: no leaked socket found"
}

// lookedAt says how much was looked at, and for how long.
func lookedAt(r *Report) string {
	sockets := 0
	for i := range r.Accounts {
		sockets += r.Accounts[i].Sockets
	}
	text := fmt.Sprintf(" (%s of %s", leak.Plural(sockets, "socket"), processes(len(r.Accounts)))
	if r.Looks() > 1 {
		text += fmt.Sprintf(", %d looks in %s", r.Looks(), leak.Span(r.Window()))
		if opened, closed := turnover(r); opened+closed > 0 {
			text += fmt.Sprintf(", %d opened, %d closed meanwhile", opened, closed)
		}
	}
	return text + ")"
}

// turnover counts the sockets that came and went between the looks.
func turnover(r *Report) (opened, closed int) {
	looks := r.History.Looks()
	for i := 1; i < len(looks); i++ {
		opened += looks[i].New
		closed += looks[i].Gone
	}
	return opened, closed
}

func processes(n int) string {
	if n == 1 {
		return "1 process"
	}
	return fmt.Sprintf("%d processes", n)
}

// accountWords reconciles descriptors with what is known of them, for all
// targets together.
func accountWords(accounts []Account) []string {
	var total, known int
	why, protocols := map[string]int{}, map[string]int{}
	states := map[socket.State]int{}
	for i := range accounts {
		total += accounts[i].Descriptors
		known += accounts[i].Identified
		for p, n := range accounts[i].NotIdentified {
			why[p] += n
		}
		for p, n := range accounts[i].Protocols {
			protocols[p] += n
		}
		for s, n := range accounts[i].States {
			states[s] += n
		}
	}
	if total == 0 {
		return nil
	}
	line := fmt.Sprintf("descriptors: %d sockets (%s), %d identified", total, countWords(protocols, ", "), known)
	if total > known {
		line += fmt.Sprintf(", %d not identified (%s)", total-known, countWords(why, "; "))
	}
	lines := []string{line}
	if len(states) > 0 {
		lines = append(lines, "tcp: "+stateWords(states))
	}
	return lines
}

// countWords lists what was counted, in the order of the names.
func countWords(counts map[string]int, separator string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[name], name))
	}
	return strings.Join(parts, separator)
}

// stateWords lists the states with their counts, the most frequent first.
func stateWords(states map[socket.State]int) string {
	keys := slices.SortedFunc(maps.Keys(states), func(a, b socket.State) int {
		return cmp.Or(cmp.Compare(states[b], states[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, s := range keys {
		parts = append(parts, fmt.Sprintf("%d %s", states[s], s))
	}
	return strings.Join(parts, ", ")
}
