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
	var all []Finding
	for i, r := range rules {
		list := wanted[i]
		if !r.All {
			list = c.unexplained(list)
		}
		for _, f := range r.Check(c, list) {
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
