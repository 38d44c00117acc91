package leak

import "github.com/sockleak/sockleak/internal/socket"

// Rule is one kind of leak as data: which sockets it is about, what acquits
// one of them, what proves that they are leaked, and how to say and fix it.
// The engine sets the level, see Judge; no rule does.
type Rule struct {
	ID, Title string // lower case with dashes, part of the command line and of reports; one line without a dot
	Doc       Doc
	Remedy    Remedy // what to change, by runtime
	Severity  Level  // the highest level that it gives

	// General is true of rules about connections that look healthy by
	// themselves: what they suspect beside a proven leak of the same kind is said
	// in its finding.
	General bool
	// Stage is true of rules about a stage in the life of a connection that is
	// kept: in use no more, then closed by its peer, then over. A leak that grows
	// has some in each.
	Stage bool
	// Via is the ID of the rule that finds these sockets, where one cause has
	// several names: the rules of CLOSE_WAIT share their pattern and proofs, so
	// that a FIN that was merged with data does not split what belongs together.
	Via string

	// States are those of the sockets that Match is asked about; 0 is all.
	States socket.States
	// Match is the pattern: it picks sockets of the targets, and such that
	// nobody holds, by what they are, not by their age. It is asked once about
	// each, by several goroutines, and answers from that socket, its process
	// and its history alone.
	Match func(*Case, *socket.Socket) bool
	// Foreign makes Match be asked about sockets, too, that only processes hold
	// which are no targets.
	Foreign bool
	// Key groups the sockets; nil is by population.
	Key func(*Case, *socket.Socket) Key
	// Ripe reports whether a socket has been so for long enough to be
	// mentioned; nil is always. Younger ones still count for growth.
	Ripe   func(*Case, *socket.Socket) bool
	Spares []Spare
	// Hopeless reports, of a socket that no spare acquits, that nothing can be
	// found about its group, whatever the others are: they are not asked. nil is
	// never.
	Hopeless func(*Case, *Group, *socket.Socket) bool
	Grounds  []Proof // any makes what is left worth a suspicion; none: it always is
	Proofs   []Proof // any makes what is proven a leak; none: it never is
	// Say writes the finding's words: Summary, Evidence, and where it needs
	// another than the rule's own, Rule and Age.
	Say func(*Case, *Group, *Finding)

	// Check, in place of all from States on, judges what is no socket: limits,
	// ports, programs.
	Check func(*Case) []Finding
}

// Doc documents a rule for `sockleak explain` and docs/rules.md. Each field
// is a paragraph of plain text; what acquits and what proves is told by the
// rule's clauses.
type Doc struct {
	Means     string // what it means for the program
	Causes    string // what in the code causes it
	Evidence  string // what is looked at, and which kernel facts stand behind
	BlindSpot string // what it cannot see or decide
	LookAlike string // of rules without clauses: the healthy program that it must not accuse
}

// Find returns the rule with the given ID.
func Find(rules []Rule, id string) (Rule, bool) {
	for _, r := range rules {
		if r.ID == id {
			return r, true
		}
	}
	return Rule{}, false
}
