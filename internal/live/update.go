package live

import (
	"strings"
	"unicode/utf8"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// What Update takes in, beside a *Sample.
type (
	// Key is a key by its name, such as j, G, space, enter or ctrl+c.
	Key string
	// Paste is text that was pasted.
	Paste string
	// Click is a press of the main mouse button at a cell, from 0.
	Click struct{ X, Y int }
	// Wheel turns so many lines down, or up where it is negative.
	Wheel int
	// Size is the new size of the terminal.
	Size struct{ Width, Height int }
	// Background tells whether that of the terminal is light.
	Background struct{ Light bool }
	// Told is what came of an effect, for the user.
	Told string
)

// Effect is something that Update asks for and cannot do itself.
type Effect struct {
	Do     Deed
	Text   string    // to copy
	Socket socket.ID // to look at
}

// Deed is a kind of effect.
type Deed uint8

// The effects.
const (
	Quit    Deed = iota + 1
	Suspend      // as Ctrl-Z does
	Redraw       // all of the screen
	Copy         // Text to the clipboard
	Write        // the report
	Look         // take a sample now, in which all about Socket is found out
)

// Update returns the model after something has happened, and what it asks for.
func (m Model) Update(msg any) (Model, []Effect) {
	m.own()
	switch msg := msg.(type) {
	case *Sample:
		m.newest = msg
		if m.paused {
			return m, nil
		}
		m.shown = msg
	case Size:
		m.width, m.height = msg.Width, msg.Height
	case Background:
		m.style.Light = msg.Light
	case Told:
		m.status = string(msg)
	case Paste:
		if !m.typing {
			return m, nil
		}
		p := m.here()
		p.filter = strings.TrimSpace(p.filter + words.Clean(string(msg)))
		p.cursor, p.top = 0, 0
	case Wheel:
		p := m.here()
		p.top += int(msg)
		m.clamp(p)
		return m, nil
	case Click:
		m.status = ""
		return m, m.click(msg)
	case Key:
		m.status = ""
		if m.typing {
			return m, m.typed(string(msg))
		}
		return m, m.act(actionOf(string(msg)))
	}
	m.refresh()
	return m, nil
}

// typed changes the filter.
func (m *Model) typed(key string) []Effect {
	p := m.here()
	switch {
	case key == "ctrl+c" || key == "ctrl+z":
		return m.act(actionOf(key))
	case key == "enter":
		m.typing = false
	case key == "esc":
		m.typing, p.filter = false, ""
	case key == "backspace":
		_, n := utf8.DecodeLastRuneInString(p.filter)
		p.filter = p.filter[:len(p.filter)-n]
	case key == "ctrl+u":
		p.filter = ""
	case key == "space":
		p.filter += " "
	case utf8.RuneCountInString(key) == 1 && !strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r == 0x7f }):
		p.filter += key
	}
	p.cursor, p.top = 0, 0
	m.refresh()
	return nil
}

// act does what a key asks for.
func (m *Model) act(a action) []Effect {
	p := m.here()
	switch a {
	case quit:
		return []Effect{{Do: Quit}}
	case suspend:
		return []Effect{{Do: Suspend}}
	case redraw:
		return []Effect{{Do: Redraw}}
	case write:
		return []Effect{{Do: Write}}
	case up, down, pageUp, pageDown, top, bottom:
		m.move(p, a)
		return nil
	case open:
		return m.enter()
	case back:
		m.back()
	case filter:
		if m.body.table == nil {
			m.status = "there is nothing to filter here"
			return nil
		}
		m.typing = true
	case sortNext, sortReverse:
		m.sort(p, a)
	case pause:
		m.paused = !m.paused
		m.shown = m.newest
	case explain:
		m.explain()
	case copyCommand:
		return m.copy()
	case help:
		if p.kind != helpText {
			m.open(page{kind: helpText})
		}
	}
	m.refresh()
	return nil
}

// back leaves the page; on the first one it takes the filter away.
func (m *Model) back() {
	p := m.here()
	switch {
	case p.filter != "":
		p.filter = ""
	case len(m.pages) > 1:
		m.pages = m.pages[:len(m.pages)-1]
	}
}

func (m *Model) sort(p *page, a action) {
	if m.body.table == nil {
		return
	}
	if a == sortReverse {
		p.reverse = !p.reverse
	} else {
		p.sorted, p.reverse = (p.sorted+1)%m.body.table.columnCount(), false
	}
	p.cursor, p.top = 0, 0
}

// explain opens the explanation of the rule of what is under the cursor, or of
// the state of the socket.
func (m *Model) explain() {
	subject := m.subjectHere()
	if subject == "" {
		m.status = "no finding or socket here to explain"
		return
	}
	m.open(page{kind: explanation, subject: subject})
}
