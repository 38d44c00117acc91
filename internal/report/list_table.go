package report

import (
	"bufio"
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// WriteTable writes a line for each socket, no wider than the terminal, and
// returns the names of the columns for which there was no room.
func (l *List) WriteTable(w io.Writer, opt Options) (leftOut []string, err error) {
	p := &page{w: bufio.NewWriter(w), opt: opt}
	leftOut = p.grid(newListing(l.Report), l.Sockets, l.Columns, !l.Chosen, 0)
	return leftOut, p.w.Flush()
}

// grid prints the sockets below each other, behind an indent, and returns the
// names of the columns for which there was no room; all are shown where none may
// be left out.
func (p *page) grid(look *listing, sockets []*socket.Socket, columns []Column, mayDrop bool, indent int) (leftOut []string) {
	g := newGrid(look, sockets, columns)
	if mayDrop {
		g.skipBlank()
	}
	if room := p.opt.Width - indent; p.opt.Width > 0 {
		if mayDrop {
			leftOut = g.choose(room)
		}
		g.shrink(room)
	}
	p.printf("%*s%s\n", indent, "", p.paint(words.Dim, g.line(g.heads, nil)))
	for i, row := range g.rows {
		p.printf("%*s%s\n", indent, "", g.line(row, func(column, text string) string {
			if f := look.rules[sockets[i]]; f != nil && column == "verdict" {
				return p.paint(LevelColor(f.Level), text)
			}
			return text
		}))
	}
	return leftOut
}

// grid is the texts of a table.
type grid struct {
	columns []Column
	heads   []string
	rows    [][]string
	widths  []int  // columns of the terminal that each takes; 0 for one that is left out
	alike   []bool // it says the same in every row
}

func newGrid(look *listing, sockets []*socket.Socket, columns []Column) *grid {
	g := &grid{columns: columns}
	for _, c := range columns {
		head := strings.ToUpper(c.Name)
		g.heads = append(g.heads, head)
		g.widths = append(g.widths, len(head))
		g.alike = append(g.alike, len(sockets) > 1)
	}
	for n, s := range sockets {
		row := make([]string, len(columns))
		for i, c := range columns {
			row[i] = c.cell(look, s).text
			g.widths[i] = max(g.widths[i], words.Width(row[i]))
			g.alike[i] = g.alike[i] && (n == 0 || row[i] == g.rows[n-1][i])
		}
		g.rows = append(g.rows, row)
	}
	return g
}

// skipBlank leaves out the columns that say nothing in any row.
func (g *grid) skipBlank() {
	for i := range g.columns {
		if len(g.rows) > 0 && !slices.ContainsFunc(g.rows, func(row []string) bool { return row[i] != none }) {
			g.widths[i] = 0
		}
	}
}

const gap = 2 // blanks between columns

// least is the smallest width in which the column can be read.
func (g *grid) least(i int) int {
	if n := g.columns[i].least; n > 0 {
		return min(g.widths[i], max(n, len(g.heads[i])))
	}
	return g.widths[i]
}

// choose takes the columns in the order of what they are worth, as long as there
// is room. One that says the same in every row comes last, unless it says what
// the socket is.
func (g *grid) choose(room int) (leftOut []string) {
	order := make([]int, len(g.columns))
	for i := range order {
		order[i] = i
	}
	rank := func(i int) int {
		const alike = 100
		if c := g.columns[i]; !g.alike[i] || c.drop <= 2 {
			return c.drop
		}
		return alike + g.columns[i].drop
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) })
	out := make([]bool, len(g.columns))
	used := -gap
	for n, i := range order {
		switch {
		case g.widths[i] == 0:
		case used+gap+g.least(i) <= room || n == 0:
			used += gap + g.least(i)
		default:
			out[i] = true
		}
	}
	for i, c := range g.columns {
		if out[i] {
			g.widths[i] = 0
			leftOut = append(leftOut, c.Name)
		}
	}
	return leftOut
}

// shrink takes from the widest of the columns that can be cut until all have
// room, or none can be cut any further.
func (g *grid) shrink(room int) {
	over := -gap - room
	for _, w := range g.widths {
		if w > 0 {
			over += w + gap
		}
	}
	for ; over > 0; over-- {
		widest := -1
		for i := range g.columns {
			if g.widths[i] > g.least(i) && (widest < 0 || g.widths[i] > g.widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		g.widths[widest]--
	}
}

// line writes one row.
func (g *grid) line(texts []string, paint func(column, text string) string) string {
	var b strings.Builder
	for i, text := range texts {
		c, width := g.columns[i], g.widths[i]
		if width == 0 {
			continue
		}
		if c.tail {
			text = words.CutFront(text, width)
		} else {
			text = words.Cut(text, width)
		}
		blanks := strings.Repeat(" ", width-words.Width(text))
		if paint != nil {
			text = paint(c.Name, text)
		}
		if b.Len() > 0 {
			b.WriteString("  ")
		}
		if c.right {
			b.WriteString(blanks + text)
		} else {
			b.WriteString(text + blanks)
		}
	}
	return strings.TrimRight(b.String(), " ")
}
