package leak

import (
	"cmp"
	"slices"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// Judge applies every rule to the history and returns the findings in a
// total order: worst first, then by number of sockets, process and rule.
//
// Rules run in the order of Rules. A socket that one rule explains at level
// suspect or leak is not explained again by a later one.
func Judge(h *track.History, set Settings) []Finding {
	if h.Now() == nil {
		return nil
	}
	c := newCase(h, set)
	rules := Rules()
	wanted := c.sift(rules)
	free := c.checkFree(rules)
	var all []Finding
	for i, r := range rules {
		for _, f := range c.check(&r, wanted[i], free[i]) {
			f.Rule = r.ID
			if p := h.Now().Process(f.Process); p != nil {
				f.Fix = r.Remedy.For(p.Runtime)
			} else {
				f.Fix = r.Remedy.For(socket.RuntimeUnknown)
			}
			if f.Level >= Suspect {
				if anyWanted(wanted[i+1:]) {
					c.explain(f.Sockets)
				}
				f.Evidence = appendWords(f.Evidence, c.alsoHeld(&f))
				f.Evidence = appendWords(f.Evidence, c.otherLegs(&f))
			}
			all = append(all, f)
		}
	}
	Sort(all)
	return all
}

// checkFree begins to ask the rules that want no sockets of their own: what
// the others explain does not matter to them.
func (c *Case) checkFree(rules []Rule) []chan []Finding {
	free := make([]chan []Finding, len(rules))
	for i := range rules {
		if r := &rules[i]; r.Want == nil {
			free[i] = make(chan []Finding, 1)
			go func() { free[i] <- r.Check(c, nil) }()
		}
	}
	return free
}

// check returns what a rule finds among the sockets that it wants.
func (c *Case) check(r *Rule, wanted []*socket.Socket, free <-chan []Finding) []Finding {
	switch {
	case free != nil:
		return <-free
	case !r.All:
		wanted = c.unexplained(wanted)
	}
	return r.Check(c, wanted)
}

// anyWanted reports whether a rule has sockets to judge: else it does not
// matter to anybody what has been explained.
func anyWanted(wanted [][]*socket.Socket) bool {
	return slices.ContainsFunc(wanted, func(list []*socket.Socket) bool { return len(list) > 0 })
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
