package leak

import (
	"cmp"
	"slices"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
)

// Judge applies the rules to the history and returns the findings in a total
// order: worst first, then by number of sockets, process and rule.
//
// The rules are asked in their order; what has a more particular cause comes
// first. A socket that one rule explains at level suspect or leak is not
// explained again by a later one.
func Judge(rules []Rule, h *track.History, set Settings) []Finding {
	if h.Now() == nil {
		return nil
	}
	c := newCase(h, set)
	wanted := c.sift(rules).wanted
	var all []Finding
	for i := range rules {
		r := &rules[i]
		var found []Finding
		switch {
		case r.Check != nil:
			found = r.Check(c)
		case r.Match != nil:
			found = c.apply(r, c.unexplained(wanted[i]))
		}
		for _, f := range found {
			c.finish(rules, r, &f)
			all = append(all, f)
		}
	}
	all = c.fold(rules, all)
	Sort(all)
	return all
}

// apply judges the sockets that match a rule, group by group.
func (c *Case) apply(r *Rule, list []*socket.Socket) []Finding {
	var out []Finding
	for _, g := range c.groups(list, r.Key) {
		out = append(out, c.judgeGroup(r, g)...)
	}
	return out
}

// judgeGroup asks the spares about each ripe socket, and then the proofs about
// those for which every spare says no: over all of them, and if that proves
// nothing, place by place.
func (c *Case) judgeGroup(r *Rule, g *Group) []Finding {
	clear, rest := c.acquit(r, g)
	if len(clear)+len(rest) == 0 {
		return nil
	}
	proven := c.prove(r, g, clear)
	if proven == nil {
		g.Sockets = append(clear, rest...)
		return c.suspect(r, g)
	}
	f := c.say(r, proven, Leak)
	rest = append(rest, without(clear, proven.Sockets)...)
	if len(rest) == 0 {
		return []Finding{f}
	}
	if r.Key == nil && len(proven.Sockets) < len(clear) { // another place, perhaps another cause
		other := &Group{Key: g.Key, All: g.All, Sockets: rest, Open: g.Open}
		c.explain(proven.Sockets)
		return append([]Finding{f}, c.suspect(r, other)...)
	}
	f.Evidence = append(f.Evidence, words.Plural(len(rest), "more socket")+" of the same kind could not be judged: "+c.unknownWords(r, g))
	c.explain(rest)
	return []Finding{f}
}

// acquit parts the ripe sockets into those for which every spare says no and
// those of which one is not known. What a spare acquits is in neither. Both are
// empty where there is no hope of a finding.
func (c *Case) acquit(r *Rule, g *Group) (clear, rest []*socket.Socket) {
	g.Open = make([]int, len(r.Spares))
	var open []int
	for i, s := range g.All {
		if r.Ripe != nil && !r.Ripe(c, s) {
			continue
		}
		open = open[:0]
		spared := false
		for k := range r.Spares {
			answer := r.Spares[k].Ask(c, g, s)
			if answer == Yes {
				spared = true
				break
			}
			if answer == Unknown {
				open = append(open, k)
			}
		}
		switch {
		case spared:
		case r.Hopeless != nil && r.Hopeless(c, g, s):
			return nil, nil
		case len(open) == 0:
			clear = append(roomFor(clear, len(g.All)-i), s)
		default:
			rest = append(roomFor(rest, len(g.All)-i), s)
			for _, k := range open {
				g.Open[k]++
			}
		}
	}
	return clear, rest
}

// prove returns the part of the group that is proven, nil where nothing is.
func (c *Case) prove(r *Rule, g *Group, clear []*socket.Socket) *Group {
	if len(clear) == 0 {
		return nil
	}
	whole := &Group{Key: g.Key, All: g.All, Sockets: clear, Open: g.Open}
	if p, ok := c.anyProof(r.Proofs, whole); ok {
		whole.Proof = p
		return whole
	}
	if r.Key != nil {
		return nil
	}
	var proven *Group
	for _, part := range c.parts(g, clear) {
		p, ok := c.anyProof(r.Proofs, part)
		switch {
		case !ok:
		case proven == nil:
			proven = part
			proven.Proof, proven.Open = p, g.Open
		default:
			proven.All = append(proven.All, part.All...)
			proven.Sockets = append(proven.Sockets, part.Sockets...)
		}
	}
	return proven
}

// suspect makes a suspicion of the group where there are grounds for one.
func (c *Case) suspect(r *Rule, g *Group) []Finding {
	if r.Severity < Suspect || len(g.Sockets) == 0 {
		return nil
	}
	if _, ok := c.anyProof(r.Grounds, g); !ok && len(r.Grounds) > 0 {
		return nil
	}
	f := c.say(r, g, Suspect)
	f.Unknown = c.unknowns(r, g)
	return []Finding{f}
}

// say makes the finding of a group.
func (c *Case) say(r *Rule, g *Group, level Level) Finding {
	c.oldestFirst(g.Sockets)
	f := c.finding(g, level)
	r.Say(c, g, &f)
	if words := c.lifeWords(g); words != "" {
		f.Evidence = append(f.Evidence, words)
	}
	f.Evidence = append(f.Evidence, c.tracedWords(g)...)
	f.Evidence = append(f.Evidence, c.spreadWords(&f)...)
	return f
}

// finish completes what a rule has found.
func (c *Case) finish(rules []Rule, r *Rule, f *Finding) {
	named := r
	if r.Match != nil {
		f.Pattern = r.ID
	}
	if f.Rule == "" {
		f.Rule = r.ID
	} else {
		for i := range rules {
			if rules[i].ID == f.Rule {
				named = &rules[i]
			}
		}
	}
	if f.Fix == "" {
		f.Fix = named.Remedy.For(c.Now().Process(f.Process), f.Role)
	}
	if f.Level >= Suspect {
		c.explain(f.Sockets)
		f.Evidence = AppendWords(f.Evidence, c.alsoHeld(f))
		f.Evidence = AppendWords(f.Evidence, c.otherLegs(f))
	}
}

// Sort puts findings into their total order.
func Sort(list []Finding) {
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(b.Level, a.Level),
			cmp.Compare(len(b.Sockets), len(a.Sockets)),
			cmp.Compare(a.Process.PID, b.Process.PID),
			cmp.Compare(a.Rule, b.Rule),
			a.Local.Compare(b.Local),
			a.Remote.Compare(b.Remote),
			cmp.Compare(a.Summary, b.Summary),
		)
	})
}

// without returns the sockets of list that are not in out.
func without(list, out []*socket.Socket) []*socket.Socket {
	gone := make(map[*socket.Socket]bool, len(out))
	for _, s := range out {
		gone[s] = true
	}
	var rest []*socket.Socket
	for _, s := range list {
		if !gone[s] {
			rest = append(rest, s)
		}
	}
	return rest
}
