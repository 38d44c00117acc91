package report

import (
	"bufio"
	"strings"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

// FindingLines returns a finding as the verdict page shows it, one element for
// each line, clean, without newlines.
func FindingLines(r *Report, f *leak.Finding, opt Options) []string {
	var b strings.Builder
	p := &page{w: bufio.NewWriter(&b), opt: opt}
	p.finding(r, f)
	_ = p.w.Flush() // a strings.Builder takes everything
	return strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
}

// VerdictLine says the verdict in one clean line, with what it stands on.
func VerdictLine(r *Report, opt Options) string {
	p := &page{opt: opt}
	return p.paint(verdictColor(r), verdictWords(r)) + lookedAt(r)
}

// Headline says in one clean line what the finding is about.
func Headline(r *Report, f *leak.Finding) string { return headline(r, f) }

// GapLine says in one clean line what was not seen, why, and what helps.
func GapLine(g socket.Gap) string { return gapWords(g) }

// StateWords lists states with their numbers of sockets, the most frequent first.
func StateWords(states map[socket.State]int) string { return stateWords(states) }

// CommandLines returns a function that writes the command line of a process in
// one clean line; cut and without what may be secret, unless full is given.
func CommandLines(full bool) func(args []string) string {
	c := newCommands(full)
	return func(args []string) string { return strings.Join(c.text(args), " ") }
}

// CellOf returns what a column of the list of sockets (see [Columns]) says of
// one, as clean text. It reads the snapshot alone: columns of the verdict and of
// the history are not for it.
func CellOf(r *Report, column string) func(*socket.Socket) string {
	l := &listing{report: r}
	c, _ := columnByName(column)
	return func(s *socket.Socket) string { return c.cell(l, s).text }
}
