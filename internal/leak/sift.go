package leak

import (
	"slices"

	"github.com/sockleak/sockleak/internal/socket"
)

// sifted is which sockets the rules want.
type sifted struct {
	wanted  [][]*socket.Socket // by rule, in the snapshot's order
	several []*socket.Socket   // that more than one of them wants
}

// sift asks each rule about each socket. All are asked about a socket at once: with 200,000
// sockets the memory of each is far away, and the way there costs more than
// the questions.
func (c *Case) sift(rules []Rule) sifted {
	parts := socket.InParts(c.Now().Sockets, func(list []*socket.Socket) sifted { return c.siftPart(rules, list) })
	all := parts[0]
	for _, p := range parts[1:] {
		for i, more := range p.wanted {
			if len(more) > 0 {
				all.wanted[i] = append(all.wanted[i], more...)
			}
		}
		all.several = append(all.several, p.several...)
	}
	return all
}

// siftPart does it for a part of the sockets.
func (c *Case) siftPart(rules []Rule, list []*socket.Socket) sifted {
	all := sifted{wanted: make([][]*socket.Socket, len(rules))}
	var asked []int // the rules that are asked about sockets in the state
	state := socket.StateUnknown
	for i, s := range list {
		if i == 0 || s.State != state {
			asked, state = askingIn(asked[:0], rules, s.State), s.State
		}
		n := 0
		for _, at := range asked {
			r := &rules[at]
			if r.Match(c, s) && (r.Foreign || len(s.Holders) == 0 || c.ofTarget(s)) {
				all.wanted[at] = append(roomFor(all.wanted[at], len(list)-i), s)
				n++
			}
		}
		if n > 1 {
			all.several = append(all.several, s)
		}
	}
	return all
}

// askingIn appends the indices of the rules that ask about sockets in a state.
func askingIn(list []int, rules []Rule, state socket.State) []int {
	for i := range rules {
		if rules[i].Match != nil && (rules[i].States == 0 || rules[i].States.Has(state)) {
			list = append(list, i)
		}
	}
	return list
}

// manySockets is from how many sockets on a list gets room for all that may
// still come: growing it step by step would leave several copies behind.
const manySockets = 1024

// roomFor returns the list with room for n more once it is full and long.
func roomFor(list []*socket.Socket, n int) []*socket.Socket {
	if len(list) == cap(list) && len(list) >= manySockets {
		return slices.Grow(list, n)
	}
	return list
}
