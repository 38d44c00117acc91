package live

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// footLine is a line of the footer, with what can be clicked in it.
type footLine struct {
	text  string
	zones []zone
}

// zone is a stretch of columns that stands for an action.
type zone struct {
	from, to int
	action   action
}

// lowScreen is the number of lines below which the footer has one line only.
const lowScreen = 20

// footer lists every key. Where there is no room for all words, those that are
// needed least go first, and the keys stay.
func (m *Model) footer() []footLine {
	var items []binding
	for _, b := range bindings() {
		if b.word != "" {
			items = append(items, b)
		}
	}
	lines := m.flow(items)
	if len(lines) <= 1 || m.height >= lowScreen && len(lines) <= 3 {
		return lines
	}
	for _, a := range []action{pause, write, copyCommand, explain, sortNext, filter, up, back, open, help, quit} {
		i := slices.IndexFunc(items, func(b binding) bool { return b.action == a })
		items[i].word = ""
		if lines = m.flow(items); len(lines) == 1 {
			break
		}
	}
	return lines[:1]
}

// flow puts the items into lines.
func (m *Model) flow(items []binding) []footLine {
	var lines []footLine
	var line footLine
	at := 0
	for _, b := range items {
		key := m.keyName(&b)
		text := key
		if b.word != "" {
			text += " " + b.word
		}
		n := ansi.StringWidth(text)
		if at > 0 && at+1+n > m.width {
			lines, line, at = append(lines, line), footLine{}, 0
		}
		if at > 0 {
			gap := " "
			if b.word != "" && at+2+n <= m.width {
				gap = "  "
			}
			line.text += gap
			at += len(gap)
		}
		line.text += m.style.paint(strong, key) + m.style.paint(faint, strings.TrimPrefix(text, key))
		line.zones = append(line.zones, zone{at, at + n, b.action})
		at += n
	}
	return append(lines, line)
}

// keyName is a key as the footer shows it.
func (m *Model) keyName(b *binding) string {
	switch b.action {
	case up:
		return m.style.pick("↑↓", "jk")
	case open:
		return m.style.pick("↵", "enter")
	}
	return b.keys[0]
}
