package sockleaktest

import "strings"

// leak is one thing that was left open: a socket, or both ends of a
// connection within this process.
type leak struct {
	end  Socket  // the client's end, where there are two and the roles are known
	peer *Socket // the other end, or nil
}

// pairUp joins the ends of connections within the process.
func pairUp(left []Socket) (list []leak) {
	ends := byAddresses(left)
	done := map[int]bool{}
	for i, s := range left {
		if done[i] {
			continue
		}
		done[i] = true
		other, here := ends[s.endpoints().reversed()]
		if !here || done[other] {
			list = append(list, leak{end: s})
			continue
		}
		done[other] = true
		peer := left[other]
		if s.Role == Accepted || peer.Role == Opened {
			s, peer = peer, s
		}
		list = append(list, leak{s, &peer})
	}
	return list
}

// group is a number of leaks that differ in nothing but numbers.
type group struct {
	leaks []leak
	place string   // what they have in common of their addresses
	notes []string // who uses them, and what to close
}

// maxGroups keeps a failure readable.
const maxGroups = 8

// groupUp puts together what is alike. Where that leaves too many groups,
// those that differ in their addresses only become one.
func groupUp(list []leak, p program) []group {
	groups := groupBy(list, p, leak.place)
	if len(groups) > maxGroups {
		groups = groupBy(list, p, func(leak) string { return "" })
	}
	return groups
}

func groupBy(list []leak, p program, place func(leak) string) (groups []group) {
	index := map[string]int{}
	for _, l := range list {
		g := group{place: place(l), notes: l.notes(p)}
		key := strings.Join(append([]string{l.kind(), l.states(), l.end.Role.String(), g.place}, l.grouping(p)...), "\n")
		i, ok := index[key]
		if !ok {
			i = len(groups)
			index[key] = i
			groups = append(groups, g)
		}
		groups[i].leaks = append(groups[i].leaks, l)
	}
	return groups
}

// kind names a single socket with its state, and a connection without.
func (l leak) kind() string {
	if l.peer == nil {
		return l.end.name()
	}
	return l.end.Network
}

// states are those of both ends, or "" for a single socket.
func (l leak) states() string {
	switch {
	case l.peer == nil:
		return ""
	case l.end.State == l.peer.State:
		return ", " + l.end.State + " at both ends"
	}
	one, other := l.names()
	return ", " + one + " " + l.end.State + ", " + other + " " + l.peer.State
}

// names are what the two ends of a connection are called.
func (l leak) names() (one, other string) {
	if l.end.Role == RoleUnknown {
		return "one end", "the other"
	}
	return "client", "server"
}

// place is the address of the service: what clients connect to.
func (l leak) place() string {
	s := l.end
	switch {
	case s.Role == Accepted:
		return "accepted on " + s.local()
	case s.connected && s.remote() != "":
		return "to " + s.remote()
	case s.Local.IsValid():
		return "on " + s.Local.Addr().String()
	}
	return ""
}

// notes say who still uses it and what to close, a line each.
func (l leak) notes(p program) []string {
	u := p.useOf(l.end)
	fix := advice(l.end, u, p)
	if l.peer == nil {
		return []string{u.text(), "fix: " + fix}
	}
	pu := p.useOf(*l.peer)
	one, other := l.names()
	notes := []string{one + ": " + u.text(), other + ": " + pu.text()}
	if u.idle() && pu.idle() {
		notes = []string{"no goroutine waits on either end"}
	}
	peerFix := advice(*l.peer, pu, p)
	switch {
	case l.end.State == established && len(pu.waiting) > 0: // it reads the EOF once the other has closed
		return append(notes, "fix: "+fix)
	case fix == peerFix:
		return append(notes, "fix: "+fix+" at both ends")
	}
	return append(notes, "fix: "+one+": "+fix, "fix: "+other+": "+peerFix)
}

// grouping is notes without the numbers of goroutines.
func (l leak) grouping(p program) []string {
	u := p.useOf(l.end)
	key := []string{u.place(), advice(l.end, u, p)}
	if l.peer != nil {
		pu := p.useOf(*l.peer)
		key = append(key, pu.place(), advice(*l.peer, pu, p))
	}
	return key
}
