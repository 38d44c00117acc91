package report

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// plainWidth is the width of findings that other formats quote.
const plainWidth = 100

// plain returns a finding as the verdict page shows it, clean and without
// colour, for the formats that quote it. It ends without a newline.
func plain(r *Report, f *leak.Finding) string {
	var b strings.Builder
	p := &page{w: bufio.NewWriter(&b), opt: Options{Width: plainWidth}}
	p.finding(r, f)
	_ = p.w.Flush() // a strings.Builder takes everything
	return strings.TrimRight(b.String(), "\n")
}

// headline says in one clean line what the finding is about.
func headline(r *Report, f *leak.Finding) string {
	return subject(r.Snapshot, f.Process) + words.Clean(f.Summary)
}

// verdictLine is the verdict with what it stands on. It is made of our own
// words and numbers only.
func verdictLine(r *Report) string { return verdictWords(r) + lookedAt(r) }

// gapWords says in one clean line what was not seen, why, and what helps.
func gapWords(g socket.Gap) string {
	text := words.Clean(g.Where)
	if g.Count > 1 {
		text += fmt.Sprintf(" (%d)", g.Count)
	}
	text += ": " + words.Clean(g.Why)
	if g.Hint != "" {
		text += "; " + words.Clean(g.Hint)
	}
	return text
}

// processName is the clean name of a process, for formats that name it
// without its pid.
func processName(s *socket.Snapshot, id socket.ProcessID) string {
	if id.PID == 0 {
		return "no process"
	}
	if p := s.Process(id); p != nil && p.Name != "" {
		return words.Clean(p.Name)
	}
	return "unnamed"
}
