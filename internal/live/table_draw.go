package live

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// header names the columns; a mark shows which one is sorted by.
func (t *table[T]) header(s Style, sorted int, reverse bool) string {
	var parts []string
	for _, i := range t.shown {
		title := t.columns[i].title
		if i == sorted {
			mark := s.pick("▾", "v")
			if reverse {
				mark = s.pick("▴", "^")
			}
			title += mark
		}
		parts = append(parts, s.pad(title, t.widths[i], t.columns[i].right))
	}
	return strings.TrimRight(strings.Join(parts, " "), " ")
}

// columnAt returns the column that is drawn at x, -1 for none.
func (t *table[T]) columnAt(x int) int {
	at := 0
	for _, i := range t.shown {
		if at += t.widths[i] + 1; x < at {
			return i
		}
	}
	return -1
}

// line draws one of the lines of the rows.
func (t *table[T]) line(s Style, line int, selected bool) string {
	if selected {
		s.Color = false // one colour for the whole line
	}
	row := t.rowAt(line)
	if t.starts != nil && line > t.starts[row] {
		return t.lines[row][line-t.starts[row]-1]
	}
	var parts []string
	for _, i := range t.shown {
		parts = append(parts, t.cell(s, i, t.rows[row]))
	}
	return strings.TrimRight(strings.Join(parts, " "), " ")
}

// cell draws one fact about a row.
func (t *table[T]) cell(s Style, column int, row *T) string {
	c, width := &t.columns[column], t.widths[column]
	if c.chart != nil {
		return s.pad(s.spark(c.chart(row), width), width, true)
	}
	text, r := c.text(s, row)
	if over := ansi.StringWidth(text) - width; c.tail && over > 0 {
		text = ansi.TruncateLeft(text, over+1, s.pick("…", "~"))
	}
	return s.paint(r, s.pad(text, width, c.right))
}
