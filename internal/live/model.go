package live

import (
	"slices"

	"github.com/sockleak/sockleak/internal/socket"
)

// Options are what does not change while the view is shown.
type Options struct {
	Target     string // what is watched, in the words of the command line
	Everything bool   // every process of the machine is
	NetNS      uint64 // inode of sockleak's own network namespace; 0 when not known
	// Explain returns what a rule or a state means, in lines of at most so many columns.
	Explain func(subject string, width int) []string
}

// Model is what is shown and where the user is. Update returns the next one and
// does not change it.
type Model struct {
	opt           Options
	style         Style
	width, height int
	shown, newest *Sample // different while it is paused; nil before the first
	paused        bool
	pages         []page // the way here; the last is shown
	typing        bool   // a filter
	status        string // of the last thing that was done; goes with the next key
	body          body   // of the last page
	foot          []footLine
}

// NewModel returns the model before the first sample.
func NewModel(opt Options, style Style, width, height int) Model {
	m := Model{opt: opt, style: style, width: width, height: height, pages: []page{{kind: overview}}}
	m.refresh()
	return m
}

// here returns the page that is shown. It may be changed after own.
func (m *Model) here() *page { return &m.pages[len(m.pages)-1] }

// own makes the pages the model's own, so that changing them changes no other.
func (m *Model) own() { m.pages = slices.Clone(m.pages) }

// open goes to a page.
func (m *Model) open(p page) {
	m.pages = append(slices.Clip(m.pages), p)
	m.refresh()
}

// Opened returns the sockets that pages are about: more is worth knowing of
// them than of others.
func (m *Model) Opened() []socket.ID {
	var list []socket.ID
	for i := range m.pages {
		if m.pages[i].kind == oneSocket {
			list = append(list, m.pages[i].socket)
		}
	}
	return list
}

// refresh makes the body anew, and keeps the cursor on what it was on.
func (m *Model) refresh() {
	p := m.here()
	m.foot = m.footer()
	m.body = m.bodyOf(p)
	if t := m.body.table; t != nil {
		p.sorted = min(p.sorted, t.columnCount()-1)
		t.arrange(p.sorted, p.reverse, p.filter)
		t.layout(m.width - margin)
		if row := t.find(p.key); p.key != nil && row >= 0 && p.cursor > 0 {
			// The first row stays the first: what is worst now is there.
			p.top += m.body.rowLine(row) - m.body.rowLine(min(p.cursor, t.count()-1))
			p.cursor = row
		}
		m.moveTo(p, p.cursor)
	}
	m.clamp(p)
}

// margin is the columns left of the body that show where the cursor is.
const margin = 2

// moveTo puts the cursor on a row that exists.
func (m *Model) moveTo(p *page, row int) {
	p.cursor, p.key = max(min(row, m.body.table.count()-1), 0), nil
	if m.body.table.count() > 0 {
		p.key = m.body.table.keyOf(p.cursor)
	}
}

// clamp keeps the page from being scrolled beyond its ends.
func (m *Model) clamp(p *page) {
	p.top = max(min(p.top, m.body.lines()-m.room()), 0)
}

// room is how many lines the body has.
func (m *Model) room() int {
	n := m.height - 1 - len(m.foot)
	if m.prompt() != "" {
		n--
	}
	return max(n, 0)
}
