package leak

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
)

// Filter narrows what was judged to what somebody asked for. The zero value
// leaves all as it is.
type Filter struct {
	MinAge  time.Duration // leaves out sockets that are not proven to be this long in their state
	States  socket.States // leaves out sockets in other states; 0 is all
	Peers   []PeerPattern // leaves out sockets that none of them matches; none is all
	Ignores []Ignore
	Several int // sockets from which on "a few" becomes "many", as in Settings
}

// LeftOut says what a filter has taken away, so that it can be told: nothing
// is left out silently.
type LeftOut struct {
	Findings, Sockets int       // by age, state and peer
	Ignored           []Ignored // by each of the ignores that had an effect, in their order
	Unused            []*Ignore // those that are about nothing that was found
}

// Ignored is what one ignore has taken away.
type Ignored struct {
	Ignore            *Ignore
	Findings, Sockets int
}

// Apply takes out of the findings what the filter leaves out, socket by
// socket. A finding of which nothing is left goes; one that has lost some of
// its sockets says so in its evidence, and keeps its level: that was judged
// before. A finding that is about no socket in particular has its own peer
// and age, and no state. snap is the snapshot that the findings are about.
//
// An ignore that has expired by the time of the snapshot has no effect, and
// is a finding of its own. The findings that were given are not changed.
func (f *Filter) Apply(snap *socket.Snapshot, h *track.History, list []Finding) ([]Finding, LeftOut) {
	var out LeftOut
	list, out.Findings, out.Sockets = take(list, func(*Finding) bool { return true },
		func(s *socket.Socket, g *Finding) bool { return f.wants(h, s, g) })
	judged := list
	for i := range f.Ignores {
		list = f.ignore(snap, &f.Ignores[i], judged, list, &out)
	}
	for i := range f.Ignores {
		if f.Ignores[i].expired(snap.Taken) {
			list = append(list, f.Ignores[i].finding(snap, list))
		}
	}
	Sort(list)
	return list, out
}

// ignore takes out of the findings what one of the ignores covers. judged is what
// there was before the first.
func (f *Filter) ignore(snap *socket.Snapshot, rule *Ignore, judged, list []Finding, out *LeftOut) []Finding {
	sockets, findings := 0, 0
	for i := range list {
		if n, found := rule.count(snap, &list[i]); found {
			sockets, findings = sockets+n, findings+1
		}
	}
	switch {
	case rule.expired(snap.Taken):
		return list
	case findings == 0:
		if !slices.ContainsFunc(judged, func(g Finding) bool { _, found := rule.count(snap, &g); return found }) {
			out.Unused = append(out.Unused, rule)
		}
		return list
	case tooMany(sockets, f.accepted(snap, rule, list), f.Several):
		return rule.outgrown(snap, sockets, list)
	}
	done := Ignored{Ignore: rule}
	list, done.Findings, done.Sockets = take(list, func(g *Finding) bool { return rule.about(snap, g) },
		func(s *socket.Socket, g *Finding) bool { return !rule.covers(s, g) })
	out.Ignored = append(out.Ignored, done)
	return list
}

// accepted is how many sockets are accepted where the ignore is about some: also
// those that other entries accept of the same finding at other places, where
// some sockets may be from any.
func (f *Filter) accepted(snap *socket.Snapshot, rule *Ignore, list []Finding) int {
	n := rule.Sockets
	if n == 0 || rule.place() == "" || !slices.ContainsFunc(list, func(g Finding) bool { return rule.about(snap, &g) && g.unplaced() }) {
		return n
	}
	for i := range f.Ignores {
		if other := &f.Ignores[i]; other != rule && other.place() != "" && other.base() == rule.base() {
			n += other.Sockets
		}
	}
	return n
}

// outgrown says in the evidence of the findings that the ignore covers them no
// longer: there are too many sockets.
func (i *Ignore) outgrown(snap *socket.Snapshot, sockets int, list []Finding) []Finding {
	list = slices.Clone(list)
	for j := range list {
		g := &list[j]
		if _, found := i.count(snap, g); found {
			g.Evidence = append(slices.Clone(g.Evidence),
				fmt.Sprintf("%s accepts %s; now there are %d", i.From, words.Plural(i.Sockets, "socket"), sockets))
		}
	}
	return list
}

// Wants reports whether a socket is one that the filter's age, states and peers
// ask for.
func (f *Filter) Wants(h *track.History, s *socket.Socket) bool { return f.wants(h, s, &Finding{}) }

// wants reports whether the filter keeps a socket, or, without a socket, the
// finding as a whole.
func (f *Filter) wants(h *track.History, s *socket.Socket, g *Finding) bool {
	if f.MinAge > 0 {
		age := g.Age
		if s != nil {
			age = h.Age(s)
		}
		if age.AtLeast < f.MinAge {
			return false
		}
	}
	if f.States != 0 && (s == nil || !s.Has(socket.HasState) || !f.States.Has(s.State)) {
		return false
	}
	if len(f.Peers) == 0 {
		return true
	}
	remote := g.Remote
	if s != nil {
		remote = s.Remote
	}
	return slices.ContainsFunc(f.Peers, func(p PeerPattern) bool { return p.Matches(remote) })
}

// take keeps of each finding that about says yes to the sockets that keep
// wants, and counts the findings that went and the sockets that are missing.
// It asks about a finding without sockets with a nil socket.
func take(list []Finding, about func(*Finding) bool, keep func(*socket.Socket, *Finding) bool) (kept []Finding, findings, sockets int) {
	for i := range list {
		g := list[i]
		if !about(&g) {
			kept = append(kept, g)
			continue
		}
		if len(g.Sockets) == 0 {
			if keep(nil, &g) {
				kept = append(kept, g)
			} else {
				findings++
			}
			continue
		}
		some := only(g.Sockets, func(s *socket.Socket) bool { return keep(s, &g) })
		missing := len(g.Sockets) - len(some)
		sockets += missing
		switch {
		case len(some) == 0:
			findings++
		case missing > 0:
			kept = append(kept, g.narrowed(some))
		default:
			kept = append(kept, g)
		}
	}
	return kept, findings, sockets
}

// only returns the sockets that keep wants: the list itself where that is all.
func only(list []*socket.Socket, keep func(*socket.Socket) bool) []*socket.Socket {
	first := slices.IndexFunc(list, func(s *socket.Socket) bool { return !keep(s) })
	if first < 0 {
		return list
	}
	some := slices.Clone(list[:first])
	for _, s := range list[first+1:] {
		if keep(s) {
			some = append(some, s)
		}
	}
	return some
}

// narrowed returns the finding with only some of its sockets.
func (f *Finding) narrowed(some []*socket.Socket) Finding {
	g := *f
	g.Sockets = some
	g.Local, g.Remote = placeOfAll(some, f.Role)
	g.Evidence = append(slices.Clone(f.Evidence),
		fmt.Sprintf("filtered: %d of %s are shown; what is said is about all of them", len(some), words.Plural(len(f.Sockets), "socket")))
	return g
}

// Words says in lines of text what was left out, nil for nothing. The
// reasons in it come from whoever wrote the ignores; entries of a file that give
// none are left out.
func (o *LeftOut) Words() []string {
	var lines []string
	if o.Findings+o.Sockets > 0 {
		lines = append(lines, "left out by --min-age, --state or --peer: "+amount(o.Findings, o.Sockets))
	}
	for _, i := range o.Ignored {
		if i.Ignore.At != nil && i.Ignore.Reason == "" {
			continue // an entry of a baseline that has nothing to say for itself
		}
		line := fmt.Sprintf("ignored by %s: %s", i.Ignore.From, amount(i.Findings, i.Sockets))
		if i.Ignore.Reason != "" {
			line += " (" + i.Ignore.Reason + ")"
		}
		lines = append(lines, line)
	}
	return lines
}

// amount counts the findings that went and the sockets that are missing.
func amount(findings, sockets int) string {
	switch cmp.Compare(findings, 0) + 2*cmp.Compare(sockets, 0) {
	case 1:
		return words.Plural(findings, "finding")
	case 2:
		return words.Plural(sockets, "socket")
	}
	return words.Plural(findings, "finding") + ", " + words.Plural(sockets, "socket")
}
