package live

import (
	"cmp"
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// entry is a row of the table of findings: one of them, or another way to go.
type entry struct {
	*Finding
	name string
	to   page
}

// findingTable is the findings about a process, or all, and the ways to the sockets
// and processes.
func (m *Model) findingTable(of *Process) *table[entry] {
	s := m.shown
	t := &table[entry]{
		key: func(e *entry) any {
			if e.Finding == nil {
				return e.name
			}
			return e.place
		},
		search: func(e *entry) string { return e.Level.String() + " " + e.Rule + " " + e.Headline },
		more: func(e *entry) string {
			if e.Finding == nil {
				return ""
			}
			return e.Headline
		},
	}
	sockets := len(s.Sockets)
	for i := range s.Findings {
		if f := &s.Findings[i]; of == nil || f.about(of.ID) {
			t.rows = append(t.rows, &entry{Finding: f, to: page{kind: finding, finding: f.place}})
		}
	}
	if of != nil {
		sockets = of.Sockets
	}
	var fixed []*entry
	to := page{kind: socketList}
	if of != nil {
		to.process = of.ID
	}
	if of == nil || of.ID.PID != 0 {
		fixed = append(fixed, &entry{name: "all " + words.Plural(sockets, "socket"), to: to})
	}
	if of == nil && len(s.Processes) > 1 {
		fixed = append(fixed, &entry{name: words.Plural(len(s.Processes), "process"), to: page{kind: processes}})
	}
	t.rows, t.fixed = append(t.rows, fixed...), len(fixed)
	t.columns = findingColumns()
	return t
}

// about reports whether a finding is about a process.
func (f *Finding) about(id socket.ProcessID) bool {
	if f.Process == id {
		return true
	}
	for _, p := range f.Processes {
		if p == id {
			return true
		}
	}
	return false
}

func findingColumns() []column[entry] {
	only := func(text func(Style, *Finding) (string, role)) func(Style, *entry) (string, role) {
		return func(s Style, e *entry) (string, role) {
			if e.Finding == nil {
				return "", plain
			}
			return text(s, e.Finding)
		}
	}
	return []column[entry]{
		{title: "LEVEL", width: 8, text: only(func(_ Style, f *Finding) (string, role) { return f.Level.String(), roleOf(f.Level) }),
			compare: func(a, b *entry) int {
				return cmp.Or(cmp.Compare(b.Level, a.Level), cmp.Compare(b.Trend.Rate, a.Trend.Rate), cmp.Compare(len(b.Sockets), len(a.Sockets)))
			}},
		{title: "RULE", width: 28, text: func(s Style, e *entry) (string, role) {
			if e.Finding == nil {
				return e.name, plain
			}
			if e.New {
				return e.Rule + " (new)", strong
			}
			return e.Rule, strong
		}, compare: func(a, b *entry) int { return cmp.Compare(a.Rule, b.Rule) }},
		{title: "SOCKETS", width: 8, right: true, text: only(func(_ Style, f *Finding) (string, role) { return fmt.Sprint(len(f.Sockets)), plain }),
			compare: func(a, b *entry) int { return cmp.Compare(len(b.Sockets), len(a.Sockets)) }},
		{title: "GROWTH", width: 12, right: true, extra: 1, text: only(func(_ Style, f *Finding) (string, role) { return growthWord(f), plain }),
			compare: func(a, b *entry) int {
				return cmp.Or(cmp.Compare(b.Trend.Rate, a.Trend.Rate), cmp.Compare(rise(b.Series), rise(a.Series)))
			}},
		{title: "AGE", width: 7, right: true, extra: 2, text: only(func(_ Style, f *Finding) (string, role) { return span(f.Age.AtLeast), plain }),
			compare: func(a, b *entry) int { return cmp.Compare(b.Age.AtLeast, a.Age.AtLeast) }},
		{title: "TREND", width: 12, flex: true, extra: 3, chart: func(e *entry) []int {
			if e.Finding == nil {
				return nil
			}
			return e.Series
		}, compare: func(a, b *entry) int { return cmp.Compare(rise(b.Series), rise(a.Series)) }},
	}
}

// growthWord is by how much a finding has grown since it was first seen, and
// how fast.
func growthWord(f *Finding) string {
	text := "-"
	if n := rise(f.Series); n != 0 {
		text = fmt.Sprintf("%+d", n)
	}
	if f.Trend.Growing {
		text += fmt.Sprintf(" %.2g/s", f.Trend.Rate)
	}
	return text
}

// processTable is the targets, worst first.
func (m *Model) processTable() *table[Process] {
	t := &table[Process]{key: func(p *Process) any { return p.ID },
		search:  func(p *Process) string { return processName(p.Process) + " " + p.Command },
		columns: processColumns()}
	for i := range m.shown.Processes {
		t.rows = append(t.rows, &m.shown.Processes[i])
	}
	return t
}

func processColumns() []column[Process] {
	number := func(n int) (string, role) {
		if n == 0 {
			return "-", faint
		}
		return fmt.Sprint(n), plain
	}
	by := func(of func(*Process) int) func(a, b *Process) int {
		return func(a, b *Process) int { return cmp.Or(cmp.Compare(of(b), of(a)), cmp.Compare(a.ID.PID, b.ID.PID)) }
	}
	worst := func(a, b *Process) int {
		return cmp.Or(cmp.Compare(b.Level, a.Level), cmp.Compare(b.Leaked, a.Leaked), cmp.Compare(b.Suspected, a.Suspected),
			cmp.Compare(rise(b.Series), rise(a.Series)), cmp.Compare(b.Sockets, a.Sockets), cmp.Compare(a.ID.PID, b.ID.PID))
	}
	return []column[Process]{
		{title: "LEVEL", width: 8, text: func(_ Style, p *Process) (string, role) { return levelWord(p.Level), roleOf(p.Level) }, compare: worst},
		{title: "PID", width: 8, right: true, text: func(_ Style, p *Process) (string, role) { return fmt.Sprint(p.ID.PID), plain },
			compare: func(a, b *Process) int { return cmp.Compare(a.ID.PID, b.ID.PID) }},
		{title: "SOCKETS", width: 8, right: true, text: func(_ Style, p *Process) (string, role) { return number(p.Sockets) }, compare: by(func(p *Process) int { return p.Sockets })},
		{title: "LEAKED", width: 7, right: true, extra: 2, text: func(_ Style, p *Process) (string, role) { return colored(p.Leaked, leaking) }, compare: by(func(p *Process) int { return p.Leaked })},
		{title: "SUSPECT", width: 8, right: true, extra: 3, text: func(_ Style, p *Process) (string, role) { return colored(p.Suspected, suspected) }, compare: by(func(p *Process) int { return p.Suspected })},
		{title: "FDS", width: 7, right: true, extra: 4, text: func(_ Style, p *Process) (string, role) { return number(max(p.FDs, 0)) }, compare: by(func(p *Process) int { return p.FDs })},
		{title: "CPU%", width: 5, right: true, extra: 6, text: func(_ Style, p *Process) (string, role) {
			if p.Load < 0 {
				return "-", faint
			}
			return fmt.Sprintf("%.0f", p.Load*100), plain
		}, compare: by(func(p *Process) int { return int(p.Load * 1000) })},
		{title: "TREND", width: 16, extra: 5, chart: func(p *Process) []int { return p.Series }, compare: by(func(p *Process) int { return rise(p.Series) })},
		{title: "PROCESS", width: 12, flex: true, text: func(_ Style, p *Process) (string, role) { return commandWord(p), plain },
			compare: func(a, b *Process) int { return cmp.Compare(a.Name, b.Name) }},
	}
}

func colored(n int, r role) (string, role) {
	if n == 0 {
		return "-", faint
	}
	return fmt.Sprint(n), r
}

// commandWord is the command line of a process, or its name where there is none.
func commandWord(p *Process) string {
	if p.Command == "" {
		return words.Clean(p.Name)
	}
	return p.Command
}
