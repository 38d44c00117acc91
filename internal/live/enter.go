package live

// enter opens what is under the cursor.
func (m *Model) enter() []Effect {
	p := m.here()
	if m.typing || m.body.table == nil || m.body.table.count() == 0 {
		return nil
	}
	if at := m.body.rowLine(p.cursor); at < p.top || at >= p.top+m.room() { // out of sight: show it first
		p.top = max(at-1, 0)
		m.clamp(p)
		return nil
	}
	switch t := m.body.table.(type) {
	case *table[entry]:
		m.open(t.rows[p.cursor].to)
	case *table[Process]:
		m.open(page{kind: process, process: t.rows[p.cursor].ID})
	case *table[Socket]:
		id := t.rows[p.cursor].ID()
		m.open(page{kind: oneSocket, socket: id})
		return []Effect{{Do: Look, Socket: id}}
	case *table[command]:
		m.status = "copied: " + t.rows[p.cursor].text
		text := t.rows[p.cursor].text
		m.back()
		m.refresh()
		return []Effect{{Do: Copy, Text: text}}
	}
	return nil
}
