package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// summary is the last lines: the verdict and what it stands on, and how its
// numbers add up. All count sockets, each once, but for the line that begins
// with "descriptors".
func (p *page) summary(r *Report) {
	p.line(verdictColor(r), verdictWords(r), lookedAt(r))
	for _, text := range sumWords(r) {
		p.line("", "", text)
	}
}

// sumWords is the lines below the verdict: own words and numbers, and names of
// protocols.
func sumWords(r *Report) []string { return slices.Concat(tallyWords(r), accountWords(r)) }

func verdictWords(r *Report) string { return outcomeWords(r) + hiddenWords(r) }

func outcomeWords(r *Report) string {
	t := &r.Tally
	switch r.Verdict {
	case Leaky:
		text := "leak: " + words.Plural(t.Leaked, "socket") + " leaked"
		if t.Leaked == 0 { // such as about a limit
			text = "leak: " + words.Plural(findingsOf(r, leak.Leak), "finding")
		}
		if t.Suspected > 0 {
			text += fmt.Sprintf(", %d suspected", t.Suspected)
		}
		return text
	case Suspected:
		if t.Suspected == 0 { // such as about a setting
			return "suspect: " + words.Plural(findingsOf(r, leak.Suspect), "finding") + " to look at"
		}
		return "suspect: " + words.Plural(t.Suspected, "socket") + " to look at"
	case Unseen:
		return "inconclusive: not enough was visible"
	}
	if t.NotJudged > 0 {
		return fmt.Sprintf("no leak found, but %s in CLOSE_WAIT not judged", words.Plural(t.NotJudged, "socket"))
	}
	return "clean: no leaked socket found"
}

// findingsOf counts the findings of a level.
func findingsOf(r *Report, level leak.Level) int {
	n := 0
	for i := range r.Findings {
		if r.Findings[i].Level == level {
			n++
		}
	}
	return n
}

// notJudgedLine says which sockets no finding explains although their peer has
// closed, or "".
func notJudgedLine(r *Report) string {
	t := &r.Tally
	if t.NotJudged == 0 {
		return ""
	}
	age := "for a time that is not known"
	if t.NotJudgedAge > 0 {
		age = "the oldest for at least " + words.Span(t.NotJudgedAge)
	}
	return fmt.Sprintf("not judged: %d CLOSE_WAIT, %s: too young, in use, or too little is known of them", t.NotJudged, age)
}

// lookedAt says how much was looked at, and for how long.
func lookedAt(r *Report) string {
	read := len(r.Accounts) - r.Snapshot.Unread
	text := fmt.Sprintf(" (%s of %s", words.Plural(r.Tally.Sockets(), "socket"), words.Plural(read, "process"))
	if r.Snapshot.Unread > 0 {
		text = fmt.Sprintf(" (%s of %d of %s, the others could not be read", words.Plural(r.Tally.Sockets(), "socket"), read, words.Plural(len(r.Accounts), "process"))
	}
	if r.Looks() > 1 {
		text += fmt.Sprintf(", %d samples in %s", r.Looks(), words.Span(r.Window()))
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

// tallyWords adds up what became of the sockets, and who has them; nothing
// where that is one thing.
func tallyWords(r *Report) []string {
	t := &r.Tally
	var lines []string
	if t.Rest() != t.Sockets() {
		lines = append(lines, sum("sockets", t.Sockets(), []term{{t.Leaked, "leaked"}, {t.Suspected, "suspected"}, {t.Noted, "in notes"},
			{t.NotJudged, "not judged"}, {t.Rest(), "without a finding"}}))
	}
	if t.Held != t.Sockets() {
		lines = append(lines, sum("of these", t.Sockets(), []term{{t.Held, "held"}, {t.Queued, "in accept queues"},
			{t.Elsewhere, "held by other processes, or by none"}}))
	}
	for _, text := range []string{notJudgedLine(r), besideLine(r)} {
		if text != "" {
			lines = append(lines, text)
		}
	}
	return lines
}

// term is a number with its meaning.
type term struct {
	n    int
	what string
}

// sum writes an addition, without the terms that are zero.
func sum(label string, total int, terms []term) string {
	var parts []string
	for _, t := range terms {
		if t.n != 0 {
			parts = append(parts, fmt.Sprintf("%d %s", t.n, t.what))
		}
	}
	return fmt.Sprintf("%s: %d = %s", label, total, strings.Join(parts, " + "))
}

// accountWords says what the targets' descriptors refer to, and the states of
// the sockets.
func accountWords(r *Report) []string {
	a := &r.Total
	var lines []string
	if a.Descriptors > 0 {
		of := ""
		if a.Descriptors != a.Sockets {
			of = " of " + words.Plural(a.Sockets, "socket")
		}
		line := fmt.Sprintf("descriptors: %d%s (%s), %d identified", a.Descriptors, of, countWords(a.Protocols, ", "), a.Identified)
		if a.Descriptors > a.Identified {
			line += fmt.Sprintf(", %d not identified (%s)", a.Descriptors-a.Identified, countWords(a.NotIdentified, "; "))
		}
		lines = append(lines, line)
	}
	if len(r.Tally.States) > 0 {
		lines = append(lines, "tcp: "+stateWords(r.Tally.States))
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
