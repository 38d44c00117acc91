package live

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sockleak/sockleak/internal/words"
)

// View draws the screen: as many lines as it has, each as wide as it is at most.
func (m *Model) View() string {
	if m.width < 1 || m.height < 1 {
		return ""
	}
	lines := []string{m.title()}
	p := m.here()
	room := m.room()
	for at := p.top; len(lines) <= room; at++ {
		lines = append(lines, m.bodyLine(p, at))
	}
	if prompt := m.prompt(); prompt != "" && len(lines) < m.height {
		lines = append(lines, prompt)
	}
	for _, f := range m.foot {
		lines = append(lines, f.text)
	}
	lines = lines[:min(len(lines), m.height)]
	for i, line := range lines {
		lines[i] = m.style.fold(ansi.Truncate(line, m.width, ""))
	}
	return strings.Join(lines, "\n")
}

// bodyLine draws a line of the body, with the mark of the cursor.
func (m *Model) bodyLine(p *page, at int) string {
	if at >= m.body.lines() {
		return ""
	}
	if m.sticky(p) == 1 && at == p.top {
		at = len(m.body.head)
	}
	row := m.body.rowOf(at)
	if row < 0 || row != p.cursor {
		return strings.Repeat(" ", margin) + m.body.line(m.style, p, at, false)
	}
	mark := m.style.pick("▌ ", "> ")
	line := mark + m.body.line(m.style, p, at, true)
	return m.style.paint(chosen, m.style.pad(line, m.width, false))
}

// title says where the user is, and of when what is shown is.
func (m *Model) title() string {
	right := m.clock()
	room := m.width - ansi.StringWidth(right) - 1
	if room < 16 {
		right, room = "", m.width
	}
	names := []string{"sockleak watch " + words.Clean(m.opt.Target)}
	for i := 1; i < len(m.pages); i++ {
		names = append(names, m.nameOf(&m.pages[i]))
	}
	left := strings.Join(names, m.style.pick(" › ", " > "))
	for len(names) > 1 && ansi.StringWidth(left) > room { // the last one matters most
		names = names[1:]
		left = m.style.pick("‹ ", "< ") + strings.Join(names, m.style.pick(" › ", " > "))
	}
	line := m.style.pad(left, room, false)
	if right != "" {
		line += " " + right
	}
	return m.style.paint(strong, line)
}

// clock says of when what is shown is.
func (m *Model) clock() string {
	s := m.shown
	if s == nil {
		return ""
	}
	at := s.Report.Snapshot.Taken.Format(time.TimeOnly)
	switch {
	case m.paused:
		return "PAUSED " + at
	case s.Missing != "":
		return "WAITING " + words.Span(s.Times[len(s.Times)-1].Sub(s.At).Truncate(time.Second))
	}
	if t := m.body.table; t != nil && t.count() > 0 {
		return fmt.Sprintf("%d/%d  %s", m.here().cursor+1, t.count(), at)
	}
	return at
}

// prompt is the line above the footer, "" for none.
func (m *Model) prompt() string {
	p := m.here()
	switch {
	case m.typing:
		return "/" + p.filter + m.style.pick("▏", "_")
	case m.status != "":
		return m.style.paint(strong, words.Clean(m.status))
	case p.filter != "":
		return m.style.paint(strong, "/"+p.filter+"  (esc shows all)")
	}
	return ""
}
