package leak

import "github.com/sockleak/sockleak/internal/socket"

// Rule is one kind of leak: what it is, how to see it and how to fix it.
type Rule struct {
	ID       string // stable, lower case with dashes; part of the command line and of reports
	Title    string // one line, without a final dot
	Doc      Doc
	Remedy   Remedy
	Severity Level // the highest level that it gives

	// States are those of the sockets that Want is asked about; 0 is all.
	States socket.States
	// Want picks the sockets that Check judges, in the order of the snapshot:
	// those of the targets, and those that nobody holds. It is asked once about
	// each, by several goroutines, and answers from that socket, its process
	// and its history alone. Without it Check gets no list.
	Want func(*Case, *socket.Socket) bool
	// All makes Want be asked about sockets that only processes hold which are
	// no targets, and Check get those that an earlier rule has explained.
	All bool
	// Check judges the wanted sockets that no earlier rule has explained.
	Check func(*Case, []*socket.Socket) []Finding
}

// Doc documents a rule for `sockleak explain` and docs/rules.md. Each field
// is a paragraph of plain text.
type Doc struct {
	Means     string // what it means for the program
	Causes    string // what in the code causes it
	Evidence  string // what is looked at, and which kernel facts stand behind
	BlindSpot string // what it cannot see or decide
	LookAlike string // the healthy program that it must not accuse
}

// Remedy holds what to change, by runtime. The entry for RuntimeUnknown is
// the general advice and must be there.
type Remedy map[socket.Runtime]string

// For returns the remedy for the runtime, or the general one.
func (r Remedy) For(rt socket.Runtime) string {
	if s, ok := r[rt]; ok {
		return s
	}
	return r[socket.RuntimeUnknown]
}

// ByID returns the rule with the given ID.
func ByID(id string) (Rule, bool) {
	for _, r := range Rules() {
		if r.ID == id {
			return r, true
		}
	}
	return Rule{}, false
}
