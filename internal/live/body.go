package live

import (
	"fmt"
	"slices"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// bodyOf makes what a page shows.
func (m *Model) bodyOf(p *page) body {
	if m.shown == nil && p.kind != helpText {
		return body{tail: wrap("taking the first sample; q quits", m.textWidth())}
	}
	switch p.kind {
	case overview:
		return m.overview(p)
	case processes:
		return body{table: m.processTable()}
	case process:
		return m.process(p)
	case finding:
		return m.finding(p)
	case socketList:
		return m.socketList(p)
	case oneSocket:
		return m.socket(p)
	case explanation:
		return body{tail: m.fit(m.opt.Explain(p.subject, m.textWidth()))}
	case commands:
		return m.commands(p)
	}
	return body{tail: m.help()}
}

// textWidth is how wide text may be.
func (m *Model) textWidth() int { return max(m.width-margin, 1) }

// fit wraps lines that are too wide.
func (m *Model) fit(lines []string) []string {
	var out []string
	for _, line := range lines {
		out = append(out, wrap(line, m.textWidth())...)
	}
	return out
}

// nameOf names a page in the title.
func (m *Model) nameOf(p *page) string {
	switch p.kind {
	case processes:
		return "processes"
	case process:
		return m.processName(p.process)
	case finding:
		return p.finding.rule
	case socketList:
		return "all sockets"
	case oneSocket:
		return m.socketName(p)
	case explanation:
		return "explain " + p.subject
	case commands:
		return "copy"
	case helpText:
		return "help"
	}
	return ""
}

// processName names a process of the samples that are there.
func (m *Model) processName(id socket.ProcessID) string {
	for _, s := range []*Sample{m.shown, m.newest} {
		if s == nil {
			continue
		}
		if p := s.Report.Snapshot.Process(id); p != nil {
			return processName(p)
		}
	}
	return fmt.Sprintf("pid %d", id.PID)
}

// keep notes whether there still is what a page is about, and returns the last
// sample that has it.
func (m *Model) keep(p *page, there func(*Sample) bool) *Sample {
	if p.gone = !there(m.shown); !p.gone {
		p.kept = m.shown
	}
	if p.kept == nil {
		return m.shown
	}
	return p.kept
}

// goneLines says that what a page shows is the last that was seen of it.
func (m *Model) goneLines(p *page, what string) []string {
	if !p.gone {
		return nil
	}
	text := fmt.Sprintf("%s; this is how it was at %s", what, p.kept.Report.Snapshot.Taken.Format("15:04:05"))
	lines := wrap(text, m.textWidth())
	for i := range lines {
		lines[i] = m.style.paint(suspected, lines[i])
	}
	return append(lines, "")
}

// subjectHere returns the rule of what is under the cursor, or the state of a
// socket without a finding; "" for neither.
func (m *Model) subjectHere() string {
	p := m.here()
	s := m.shown
	if p.kept != nil {
		s = p.kept
	}
	if s == nil {
		return ""
	}
	switch p.kind {
	case overview, process:
		if key, ok := p.key.(place); ok {
			return key.rule
		}
		if id, ok := p.key.(socket.ProcessID); ok { // its worst
			for i := range s.Findings {
				if f := &s.Findings[i]; f.Process == id || slices.Contains(f.Processes, id) {
					return f.Rule
				}
			}
		}
	case finding:
		return p.finding.rule
	case explanation:
		return p.subject
	case oneSocket, socketList:
		id := p.socket
		if key, ok := p.key.(socket.ID); ok {
			id = key
		}
		switch k := s.socket(id); {
		case k == nil:
		case k.Level > 0:
			return s.Findings[k.at].Rule
		case k.Has(socket.HasState):
			return k.State.String()
		}
	}
	return ""
}

// socket returns the socket of the sample, or nil.
func (s *Sample) socket(id socket.ID) *Socket {
	for i := range s.Sockets {
		if s.Sockets[i].ID() == id {
			return &s.Sockets[i]
		}
	}
	return nil
}

// help lists the keys and what the columns mean.
func (m *Model) help() []string {
	var lines []string
	row := func(name, text string) {
		for i, line := range wrap(words.Clean(text), max(m.textWidth()-12, 12)) {
			if i > 0 {
				name = ""
			}
			lines = append(lines, m.style.paint(strong, m.style.pad(name, 12, false))+line)
		}
	}
	for _, b := range bindings() {
		row(m.keyName(&b), b.means)
	}
	lines = append(lines, "")
	for _, c := range [][2]string{
		{"mouse", "click selects, a second click opens; a click on a title of a column sorts, on the top line goes back, on the footer does what it says"},
		{"level", "leak is proven, suspect looks wrong but may be a pool or a protocol, note is good to know"},
		{"growth", "sockets since it was first seen, and how many a second where it grows all the time"},
		{"age", "for how long at least the socket is in its state: what the kernel or the samples prove"},
		{"charts", "one column for each sample, from nothing to the largest value beside it"},
	} {
		row(c[0], c[1])
	}
	return lines
}
