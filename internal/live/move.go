package live

// move moves the cursor. Where the text above the table or below it is longer
// than the screen, it is scrolled through first, so that none of it is skipped.
func (m *Model) move(p *page, a action) {
	room := m.room()
	t := m.body.table
	if t == nil || t.count() == 0 {
		p.top += map[action]int{up: -1, down: 1, pageUp: -room, pageDown: room, top: -p.top, bottom: m.body.lines()}[a]
		m.clamp(p)
		return
	}
	step := 1
	if a == pageUp || a == pageDown {
		step = max(room/2, 1)
	}
	if m.snap(p) {
		return
	}
	switch a {
	case down, pageDown:
		m.down(p, step)
	case up, pageUp:
		m.up(p, step)
	case top:
		p.top = 0
		m.moveTo(p, 0)
	case bottom:
		m.moveTo(p, t.count()-1)
		p.top = m.body.lines()
	}
	m.clamp(p)
}

// snap puts a cursor that has been scrolled out of sight, by the wheel, on a row
// that is to be seen, and reports whether it did.
func (m *Model) snap(p *page) bool {
	first, next := m.span(p.cursor)
	row := -1
	switch {
	case next <= p.top+m.sticky(p):
		row = m.body.rowOf(p.top + m.sticky(p))
	case first >= p.top+m.room() && p.cursor > 0:
		row = m.body.rowOf(p.top + m.room() - 1)
	}
	if row >= 0 {
		m.moveTo(p, row)
	}
	return row >= 0
}

// down moves on by so many rows, or lines of text.
func (m *Model) down(p *page, step int) {
	first, next := m.span(p.cursor)
	if first >= p.top+m.room() || next > p.top+m.room() { // it is further down, or goes on there
		p.top += step
		return
	}
	if p.cursor == m.body.table.count()-1 {
		p.top += step
		return
	}
	m.moveTo(p, p.cursor+step)
	if _, next := m.span(p.cursor); next > p.top+m.room() {
		p.top = next - m.room()
	}
	m.keepFirst(p)
}

// up moves back by so many rows, or lines of text.
func (m *Model) up(p *page, step int) {
	if first, _ := m.span(p.cursor); p.cursor == 0 || first < p.top+m.sticky(p) {
		p.top -= step
		return
	}
	m.moveTo(p, p.cursor-step)
	m.keepFirst(p)
}

// keepFirst scrolls so that the first line of the row is to be seen.
func (m *Model) keepFirst(p *page) {
	if first, _ := m.span(p.cursor); first < p.top+1 {
		p.top = first - 1 // the titles of the columns are above it
	}
}

// span returns the first line of a row and the one behind its last.
func (m *Model) span(row int) (first, next int) {
	if row+1 < m.body.table.count() {
		return m.body.rowLine(row), m.body.rowLine(row + 1)
	}
	return m.body.rowLine(row), len(m.body.head) + 1 + m.body.table.height()
}

// sticky is 1 where the titles of the columns have been scrolled away, and are
// shown in the first line nevertheless.
func (m *Model) sticky(p *page) int {
	if m.body.table != nil && p.top > len(m.body.head) && p.top < len(m.body.head)+1+m.body.table.height() {
		return 1
	}
	return 0
}

// click selects what was clicked, or opens it when it is selected; a title of
// a column sorts, the line at the top goes back, and the footer does what it says.
func (m *Model) click(c Click) []Effect {
	p := m.here()
	if c.Y == 0 {
		m.back()
		m.refresh()
		return nil
	}
	foot := m.foot
	if at := c.Y - (m.height - len(foot)); at >= 0 && at < len(foot) {
		for _, z := range foot[at].zones {
			if c.X >= z.from && c.X < z.to {
				return m.act(z.action)
			}
		}
		return nil
	}
	line := p.top + c.Y - 1
	if m.body.table == nil || c.Y > m.room() {
		return nil
	}
	if line == len(m.body.head) || m.sticky(p) == 1 && c.Y == 1 {
		if column := m.body.table.columnAt(c.X - margin); column >= 0 {
			p.reverse = column == p.sorted && !p.reverse
			p.sorted, p.cursor = column, 0
			m.refresh()
		}
		return nil
	}
	row := m.body.rowOf(line)
	switch {
	case row < 0:
	case row == p.cursor:
		return m.enter()
	default:
		m.moveTo(p, row)
	}
	return nil
}
