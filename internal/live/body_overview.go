package live

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/words"
)

// overview is the verdict on all targets: of every process of the machine as a
// list of them, else as the findings.
func (m *Model) overview(*page) body {
	b := body{}
	if m.opt.Everything {
		b.table = m.processTable()
	} else {
		b.table = m.findingTable(nil)
	}
	s := m.shown
	b.head = append(m.missing(s), m.verdict(s)...)
	m.addCharts(&b, s.Charts, s.Times)
	events := m.events(s)
	if m.opt.Everything && m.height >= lowScreen+4 {
		b.head = append(append(b.head, events[:min(len(events), 3)]...), "")
	}
	b.tail = append(append(append(b.tail, ""), events...), m.unseen(s)...)
	return b
}

// addCharts puts the charts above the table where they leave half of the screen
// to it, else below.
func (m *Model) addCharts(b *body, charts []Chart, times []time.Time) {
	lines := m.style.chartLines(charts, times, m.textWidth())
	if len(b.head)+len(lines)+1 <= m.room()/2 {
		b.head = append(append(b.head, lines...), "")
		return
	}
	b.tail = append(append(b.tail, ""), lines...)
}

// missing says that there is nothing to look at, and what happens next.
func (m *Model) missing(s *Sample) []string {
	if s.Missing == "" {
		return nil
	}
	text := fmt.Sprintf("waiting since %s: %s; it goes on with the next one that matches, and what is below is how it was before",
		s.At.Format(time.TimeOnly), words.Clean(s.Missing))
	var lines []string
	for _, line := range wrap(text, m.textWidth()) {
		lines = append(lines, m.style.paint(suspected, line))
	}
	return append(lines, "")
}

// verdict is the verdict in as many lines as it takes.
func (m *Model) verdict(s *Sample) []string {
	r := plain
	switch {
	case s.Report.Verdict == report.Leaky:
		r = leaking
	case s.Report.Verdict == report.Clear && s.Report.Tally.NotJudged == 0:
		r = healthy
	default:
		r = suspected
	}
	lines := wrap(s.Verdict, m.textWidth())
	for i, line := range lines {
		word, rest, found := strings.Cut(line, " (") // what it stands on
		lines[i] = m.style.paint(r, word)
		if found {
			lines[i] += " (" + rest
			r = plain
		}
	}
	return lines
}

// events lists what has happened, the newest first.
func (m *Model) events(s *Sample) []string {
	var lines []string
	for i := len(s.Events) - 1; i >= 0; i-- {
		e := &s.Events[i]
		r := roleOf(e.Level)
		if e.Kind == Ended {
			r = faint
		}
		head := fmt.Sprintf("%s %-7s ", e.At.Format(time.TimeOnly), e.Kind)
		for j, line := range wrap(e.Text, max(m.textWidth()-len(head), 16)) {
			if j > 0 {
				head = fmt.Sprintf("%17s", "")
			}
			lines = append(lines, head+m.style.paint(r, line))
		}
	}
	return lines
}

// unseen says what could not be seen, and what filters left out.
func (m *Model) unseen(s *Sample) []string {
	var lines []string
	for _, g := range s.Report.Snapshot.Gaps {
		lines = append(lines, m.fit([]string{"not seen: " + report.GapLine(g)})...)
	}
	for _, h := range s.Report.Hints {
		lines = append(lines, m.fit([]string{"hint: " + words.Clean(h)})...)
	}
	return lines
}

// process is what there is to say of one process.
func (m *Model) process(p *page) body {
	find := func(s *Sample) *Process {
		i := slices.IndexFunc(s.Processes, func(k Process) bool { return k.ID == p.process })
		if i < 0 {
			return nil
		}
		return &s.Processes[i]
	}
	s := m.keep(p, func(s *Sample) bool { return find(s) != nil })
	k := find(s)
	if k == nil {
		return body{tail: wrap("it has ended", m.textWidth())}
	}
	b := body{table: m.findingTable(k)}
	b.head = m.goneLines(p, "it has ended")
	if k.ID.PID == 0 {
		return b
	}
	b.head = append(b.head, m.fit([]string{processName(k.Process) + ": " + commandWord(k)})...)
	charts := []Chart{{"sockets", k.Series, 0}, {"descriptors", k.FDSeries, int(min(k.FDLimit, 1<<31))}}
	m.addCharts(&b, charts, s.Times)
	return b
}

// finding is all that is said of one finding, and its sockets.
func (m *Model) finding(p *page) body {
	find := func(s *Sample) *Finding {
		i := slices.IndexFunc(s.Findings, func(f Finding) bool { return f.place == p.finding })
		if i < 0 {
			return nil
		}
		return &s.Findings[i]
	}
	s := m.keep(p, func(s *Sample) bool { return find(s) != nil })
	f := find(s)
	if f == nil {
		return body{tail: wrap("it has ended", m.textWidth())}
	}
	b := body{head: m.goneLines(p, "this finding has ended")}
	if len(f.sockets) > 0 {
		b.table = m.socketTable(s, f.sockets)
	}
	for i, line := range m.fit(report.FindingLines(s.Report, f.Finding, report.Options{Width: m.textWidth()})) {
		if i == 0 {
			line = m.style.paint(roleOf(f.Level), line)
		}
		b.head = append(b.head, line)
	}
	if len(f.Series) > 1 {
		b.head = append(b.head, m.style.chartLines([]Chart{{"sockets", f.Series, 0}}, lastTimes(s, len(f.Series)), m.textWidth())...)
	}
	b.head = append(b.head, "")
	return b
}

// lastTimes returns the times of the last so many values.
func lastTimes(s *Sample, n int) []time.Time { return s.Times[max(0, len(s.Times)-n):] }

// socketList is all sockets, or those of a process.
func (m *Model) socketList(p *page) body {
	s := m.shown
	var list []int
	for i := range s.Sockets {
		if p.process.PID == 0 || s.Sockets[i].HeldBy(p.process) {
			list = append(list, i)
		}
	}
	return body{table: m.socketTable(s, list)}
}

// levelWord is the level in a column, "" for none.
func levelWord(l leak.Level) string {
	if l == 0 {
		return ""
	}
	return l.String()
}
