package live

import (
	"github.com/sockleak/sockleak/internal/socket"
)

// pageKind is what a page is about.
type pageKind uint8

const (
	overview    pageKind = iota // the verdict on all, and where to go from there
	processes                   // all targets
	process                     // one of them
	finding                     // one finding
	socketList                  // all sockets, or those of a process
	oneSocket                   // one socket
	explanation                 // of a rule or a state
	commands                    // to copy
	helpText
)

// page is one step of the way that the user has gone.
type page struct {
	kind    pageKind
	process socket.ProcessID // of process and socketList; zero for all
	finding place
	socket  socket.ID
	subject string // of an explanation: a rule, or a state
	from    *page  // of commands: what they are about

	top     int // first line of the body that is shown
	cursor  int // row of the table
	key     any // what it is on
	sorted  int // column
	reverse bool
	filter  string
	kept    *Sample // the last in which there was what the page is about
	gone    bool    // it is not there any more
}

// body is what a page shows between title and footer, laid out for a width.
type body struct {
	head  []string // above the table
	table grid     // nil for a page of text
	tail  []string // below the table
}

// lines is how many there are, with the line of column titles.
func (b *body) lines() int {
	n := len(b.head) + len(b.tail)
	if b.table != nil {
		n += 1 + b.table.height()
	}
	return n
}

// rowLine is the line of the body in which a row begins.
func (b *body) rowLine(row int) int { return len(b.head) + 1 + b.table.firstLine(row) }

// rowOf returns the row that a line of the body belongs to, or -1.
func (b *body) rowOf(line int) int {
	if b.table == nil {
		return -1
	}
	if at := line - len(b.head) - 1; at >= 0 && at < b.table.height() {
		return b.table.rowAt(at)
	}
	return -1
}

// line draws a line of the body without its margin.
func (b *body) line(s Style, p *page, at int, selected bool) string {
	if at < len(b.head) {
		return b.head[at]
	}
	at -= len(b.head)
	if b.table == nil {
		return b.tail[at]
	}
	if at == 0 {
		return s.paint(strong, b.table.header(s, p.sorted, p.reverse))
	}
	at--
	if at < b.table.height() {
		return b.table.line(s, at, selected)
	}
	return b.tail[at-b.table.height()]
}
