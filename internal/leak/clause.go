package leak

import "github.com/sockleak/sockleak/internal/socket"

// Spare is a question about one socket of a rule's pattern. Yes acquits the
// socket; not known keeps it from being proven, and is said in the finding.
type Spare struct {
	ID      string // such as peer-waits; unique within its rule
	Means   string // what Yes means, a sentence without its capital and dot
	Unknown string // what is not known, and what would tell
	Program string // a healthy program of testdata/programs that it acquits, KIND/FILE
	Ask     func(*Case, *Group, *socket.Socket) Answer
}

// Proof is a question about the sockets of a group that no spare has
// acquitted. As one of Rule.Proofs, Yes makes them a leak; as one of
// Rule.Grounds, it makes them worth a suspicion.
type Proof struct {
	ID      string // such as several-ripe; unique within its rule
	Means   string // what Yes means, a sentence without its capital and dot
	Program string // a leaking program of testdata/programs that it convicts, KIND/FILE
	Ask     func(*Case, *Group) Answer
}

// anyProof reports whether one of the proofs says yes, and which.
func (c *Case) anyProof(list []Proof, g *Group) (*Proof, bool) {
	for i := range list {
		if list[i].Ask(c, g) == Yes {
			return &list[i], true
		}
	}
	return nil, false
}

// InOneLook returns the spare with an answer for when there was only one
// look, where that proves enough by itself.
func (s Spare) InOneLook(a Answer) Spare {
	ask := s.Ask
	s.Ask = func(c *Case, g *Group, o *socket.Socket) Answer {
		if len(c.Looks()) < 2 {
			return a
		}
		return ask(c, g, o)
	}
	return s
}
