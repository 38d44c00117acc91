package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

// List is the sockets of a report one by one, healthy ones too.
type List struct {
	Report  *Report
	Sockets []*socket.Socket // in the order in which they are shown
	Columns []Column         // those that are shown
	Chosen  bool             // Columns were asked for by name: none of them is left out
}

// NewList lists the sockets of the report's targets that wants says yes to, as
// columns and order say: names of columns, for an order with - before one that
// is to fall. Nil stands for what suits the sockets.
func NewList(r *Report, wants func(*socket.Socket) bool, columns, order []string) *List {
	l, look := &List{Report: r, Chosen: columns != nil}, newListing(r)
	for _, s := range r.Snapshot.Sockets {
		if look.counts(s) && wants(s) {
			l.Sockets = append(l.Sockets, s)
		}
	}
	if columns == nil {
		columns = look.suitable(l.Sockets)
	}
	l.Columns = columnsByName(columns)
	if order == nil {
		order = []string{"pid", "fd"}
	}
	look.sort(l.Sockets, order)
	return l
}

// counts reports whether the socket is one that the report is about: a target
// holds it, or it waits in an accept queue of one, or a finding above a note
// names it.
func (l *listing) counts(s *socket.Socket) bool {
	return s.Listener != 0 || l.level(s) >= leak.Suspect || heldByTarget(l.report.Snapshot, s)
}

// level is that of the worst finding about the socket; 0 without one.
func (l *listing) level(s *socket.Socket) leak.Level {
	if f := l.rules[s]; f != nil {
		return f.Level
	}
	return 0
}

// listing is what the columns take their values from.
type listing struct {
	report *Report
	rules  map[*socket.Socket]*leak.Finding // the worst finding about each
	prints map[*leak.Finding]string         // fingerprints
}

func newListing(r *Report) *listing {
	l := &listing{report: r, rules: map[*socket.Socket]*leak.Finding{}, prints: map[*leak.Finding]string{}}
	for i := range r.Findings {
		f := &r.Findings[i]
		l.prints[f] = f.Fingerprint(r.Snapshot.Process(f.Process))
		for _, s := range f.Sockets {
			if best := l.rules[s]; best == nil || f.Level > best.Level {
				l.rules[s] = f
			}
		}
	}
	return l
}

// suitable returns the names of the columns that say something about these
// sockets.
func (l *listing) suitable(sockets []*socket.Socket) []string {
	several := len(l.report.Accounts) > 1
	var names []string
	for _, c := range Columns() {
		switch {
		case c.doc == "" || c.rare:
		case c.Name == "pid" || c.Name == "process":
			if several {
				names = append(names, c.Name)
			}
		case c.Name == "opened" && !slices.ContainsFunc(sockets, func(s *socket.Socket) bool { return s.Origin != nil }):
		default:
			names = append(names, c.Name)
		}
	}
	return names
}

// sort puts the sockets into the order of the columns. What is equal in all of
// them stays in the order of the snapshot.
func (l *listing) sort(sockets []*socket.Socket, order []string) {
	type key struct {
		column Column
		sign   int
	}
	var keys []key
	for _, name := range order {
		k := key{sign: 1}
		if rest, falls := strings.CutPrefix(name, "-"); falls {
			name, k.sign = rest, -1
		}
		if c, ok := columnByName(name); ok {
			k.column = c
			keys = append(keys, k)
		}
	}
	cells := make(map[*socket.Socket][]cell, len(sockets))
	for _, s := range sockets {
		row := make([]cell, len(keys))
		for i := range keys {
			row[i] = keys[i].column.cell(l, s)
		}
		cells[s] = row
	}
	slices.SortStableFunc(sockets, func(a, b *socket.Socket) int {
		for i := range keys {
			if c := cells[a][i].compare(cells[b][i]); c != 0 {
				return keys[i].sign * c
			}
		}
		return 0
	})
}

// cell is a value in the list.
type cell struct {
	text   string  // for people
	raw    string  // for programs; "" where it is the text, and for what is not known
	number float64 // what it is sorted by, where it is not the text
}

// none is what is not known or not there.
const none = "-"

func (c cell) compare(d cell) int {
	if a, b := c.text == none, d.text == none; a != b { // what is not known comes last
		if a {
			return 1
		}
		return -1
	}
	return cmp.Or(cmp.Compare(c.number, d.number), cmp.Compare(c.text, d.text))
}

// program returns the value as a program wants it: what is not known is empty.
func (c cell) program() string {
	switch {
	case c.raw != "":
		return c.raw
	case c.text == none:
		return ""
	}
	return c.text
}

func textCell(text string) cell { return cell{text: dash(text)} }

func numberCell[N ~int | ~int32 | ~uint32 | ~uint64](n N) cell {
	return cell{text: fmt.Sprint(n), number: float64(n)}
}

// Summary says in one clean line how many sockets of which verdict were listed.
func (l *List) Summary() string {
	look, counts := newListing(l.Report), map[string]int{}
	for _, s := range l.Sockets {
		counts[look.verdict(s)]++
	}
	var parts []string
	for _, v := range verdictOrder {
		if n := counts[v]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, v))
		}
	}
	text := fmt.Sprintf("%d of %d sockets", len(l.Sockets), l.Report.Tally.Sockets())
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	return text
}
