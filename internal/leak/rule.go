package leak

import "github.com/sockleak/sockleak/internal/socket"

// Rule is one kind of leak: what it is, how to see it and how to fix it.
type Rule struct {
	ID       string // stable, lower case with dashes; part of the command line and of reports
	Title    string // one line, without a final dot
	Doc      Doc
	Remedy   Remedy
	Severity Level // the highest level that it gives
	Check    func(*Case) []Finding
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
