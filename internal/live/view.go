package live

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/words"
)

// Options are what the page must fit.
type Options struct {
	Width, Height int // of the terminal; 0 is no limit
	Color         bool
	ASCII         bool          // draw with ASCII only
	Every         time.Duration // between looks; said on the page
}

// shownEvents is how many of the newest events the page shows.
const shownEvents = 3

// View returns the lines of the page, without newlines, each at most Width
// columns wide and at most Height of them: the verdict, the states over time,
// what came and went, and the findings, the worst in full.
func View(m *Model, opt Options) []string {
	if m.Report == nil {
		return fit([]string{"sockleak watch: taking the first sample; q quits"}, opt)
	}
	lines := append(head(m, opt), chart(m, opt)...)
	lines = append(lines, "", turnover(m))
	lines = append(lines, events(m)...)
	lines = append(lines, "")
	last := gaps(m)
	room := len(m.Report.Findings) * 100
	if opt.Height > 0 {
		room = opt.Height - len(lines) - len(last)
	}
	lines = append(lines, findings(m, opt, room)...)
	return fit(append(lines, last...), opt)
}

// head names what is watched, and the verdict.
func head(m *Model, opt Options) []string {
	r := m.Report
	return []string{
		fmt.Sprintf("sockleak watch  %s  %s  every %s  q quits", subject(r), r.Snapshot.Taken.Format(time.TimeOnly), opt.Every),
		report.VerdictLine(r, report.Options{Color: opt.Color}),
		"",
	}
}

// subject names the targets.
func subject(r *report.Report) string {
	if len(r.Accounts) == 1 {
		id := r.Accounts[0].Process
		if p := r.Snapshot.Process(id); p != nil && p.Name != "" {
			return fmt.Sprintf("%s (pid %d)", words.Clean(p.Name), id.PID)
		}
		return fmt.Sprintf("pid %d", id.PID)
	}
	return fmt.Sprintf("%d processes", len(r.Accounts))
}

// chart draws a line for each TCP state that had sockets, in the order of
// their numbers so that none jumps.
func chart(m *Model, opt Options) []string {
	const label = 24 // columns before the line begins
	width := 60
	if opt.Width > 0 {
		width = opt.Width - label
	}
	var lines []string
	for _, s := range slices.Sorted(maps.Keys(m.States)) {
		series := m.States[s]
		lines = append(lines, fmt.Sprintf("  %-14s %6d %s", s, series[len(series)-1], spark(series, width, opt.ASCII)))
	}
	if lines == nil {
		lines = []string{"  no TCP sockets"}
	}
	return lines
}

// turnover says how many sockets came and went with the newest look.
func turnover(m *Model) string {
	looks := m.Report.History.Looks()
	newest := looks[len(looks)-1]
	if len(looks) == 1 {
		return fmt.Sprintf("sockets %d", newest.Sockets)
	}
	return fmt.Sprintf("sockets %d, since the last sample %d new, %d ended", newest.Sockets, newest.New, newest.Gone)
}

// events lists the newest of what came and went, the newest first.
func events(m *Model) []string {
	var lines []string
	for i := len(m.Events) - 1; i >= max(0, len(m.Events)-shownEvents); i-- {
		e := &m.Events[i]
		ago := words.Span(m.Report.Snapshot.Taken.Sub(e.At).Truncate(time.Second)) + " ago"
		if i >= len(m.Events)-m.Fresh {
			ago = "now"
		}
		lines = append(lines, fmt.Sprintf("%-5s %8s  %s", e.word(), ago, e.Text))
	}
	return lines
}

func (e *Event) word() string {
	if e.Ended {
		return "ended"
	}
	return "new"
}

// findings shows as many in full as there is room for, a headline for each of
// the others, and how many do not fit even so.
func findings(m *Model, opt Options, room int) []string {
	r := m.Report
	var lines []string
	for i := range r.Findings {
		full := report.FindingLines(r, &r.Findings[i], report.Options{Color: opt.Color, Width: opt.Width})
		others := len(r.Findings) - i - 1
		switch left := room - len(lines); {
		case len(full)+1+others <= left:
			lines = append(append(lines, full...), "")
		case left > 1 || left == 1 && others == 0:
			lines = append(lines, full[0])
		default:
			return append(lines, fmt.Sprintf("and %d more", others+1))
		}
	}
	return lines
}

// gaps says in a line that something was not seen, and what the filters left
// out; the final report has the details.
func gaps(m *Model) []string {
	var lines []string
	if n := len(m.Report.Snapshot.Gaps); n > 0 {
		line := "not seen: " + report.GapLine(m.Report.Snapshot.Gaps[0])
		if n > 1 {
			line += fmt.Sprintf(" (and %d more)", n-1)
		}
		lines = append(lines, line)
	}
	for _, h := range m.Report.Hints {
		lines = append(lines, "hint: "+words.Clean(h))
	}
	return lines
}
