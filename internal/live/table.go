package live

import (
	"slices"
	"strings"
)

// column is one fact about each row of a table.
type column[T any] struct {
	title   string
	width   int  // that it wants
	least   int  // that it does with where little else is left; 0 is its width
	flex    bool // it takes what room is left
	right   bool
	tail    bool // what is cut off is the beginning: a port says more than a network
	extra   int  // the higher, the earlier it goes when there is no room; above 1 before others shrink
	text    func(Style, *T) (string, role)
	chart   func(*T) []int    // drawn in place of a text
	compare func(a, b *T) int // the order in which it is sorted, the most interesting first
}

// table is rows, and how they look. It is made anew for each sample.
type table[T any] struct {
	columns []column[T]
	rows    []*T
	key     func(*T) any    // comparable: what a row is about, whatever it says now
	search  func(*T) string // what a filter looks through
	more    func(*T) string // text that is wrapped below a row; nil for rows of one line
	fixed   int             // so many rows at the end stay there, whatever is sorted or filtered

	shown  []int      // columns that there is room for
	widths []int      // of all
	starts []int      // first line of each row, and at last how many there are; nil without more
	lines  [][]string // that more has made, by row
}

// grid is a table whatever its rows are.
type grid interface {
	count() int
	columnCount() int
	arrange(sorted int, reverse bool, filter string)
	layout(width int)
	header(s Style, sorted int, reverse bool) string
	columnAt(x int) int
	height() int
	rowAt(line int) int
	firstLine(row int) int
	line(s Style, line int, selected bool) string
	keyOf(row int) any
	find(key any) int
}

func (t *table[T]) count() int { return len(t.rows) }

func (t *table[T]) columnCount() int { return len(t.columns) }

// arrange leaves the rows that have all words of the filter, and sorts them.
// Rows that are equal stay in the order that they came in.
func (t *table[T]) arrange(sorted int, reverse bool, filter string) {
	rows, last := t.rows[:len(t.rows)-t.fixed], t.rows[len(t.rows)-t.fixed:]
	if words := strings.Fields(strings.ToLower(filter)); len(words) > 0 {
		rows = slices.DeleteFunc(slices.Clone(rows), func(row *T) bool {
			text := strings.ToLower(t.search(row))
			return slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
		})
	}
	compare := t.columns[sorted].compare
	slices.SortStableFunc(rows, func(a, b *T) int {
		if reverse {
			a, b = b, a
		}
		return compare(a, b)
	})
	t.rows = append(slices.Clip(rows), last...)
}

// layout finds out which columns fit, how wide each is, and which lines each
// row takes.
func (t *table[T]) layout(width int) {
	t.fitColumns(width)
	t.starts, t.lines = nil, nil
	if t.more == nil {
		return
	}
	at := 0
	for _, row := range t.rows {
		var lines []string
		if text := t.more(row); text != "" {
			for _, line := range wrap(text, width-2) {
				lines = append(lines, "  "+line)
			}
		}
		t.starts, t.lines = append(t.starts, at), append(t.lines, lines)
		at += 1 + len(lines)
	}
	t.starts = append(t.starts, at)
}

func (t *table[T]) height() int {
	if t.starts != nil {
		return t.starts[len(t.rows)]
	}
	return len(t.rows)
}

func (t *table[T]) rowAt(line int) int {
	if t.starts == nil {
		return line
	}
	row, exact := slices.BinarySearch(t.starts, line)
	if !exact {
		row--
	}
	return row
}

func (t *table[T]) firstLine(row int) int {
	if t.starts == nil {
		return row
	}
	return t.starts[row]
}

func (t *table[T]) keyOf(row int) any { return t.key(t.rows[row]) }

func (t *table[T]) find(key any) int {
	return slices.IndexFunc(t.rows, func(row *T) bool { return t.key(row) == key })
}
