package leak

import (
	"slices"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// fold makes one finding of what has one cause, as far as that is known: what
// a general rule only suspects of sockets of a kind of which the same process
// is proven to leak others is said in the proven finding.
func (c *Case) fold(rules []Rule, list []Finding) []Finding {
	type kind struct {
		process socket.ProcessID
		track.Population
	}
	of := func(f *Finding) kind { return kind{f.Process, c.Population(f.Sockets[0])} }
	proven := map[kind]*Finding{}
	for i := range list {
		if f := &list[i]; f.Level == Leak && f.Pattern != "" && proven[of(f)] == nil {
			proven[of(f)] = f
		}
	}
	suspected := func(f *Finding) bool {
		r, ok := Find(rules, f.Pattern)
		return ok && r.General && f.Level == Suspect && proven[of(f)] != nil
	}
	for i := range list {
		if f := &list[i]; suspected(f) {
			g := proven[of(f)]
			g.Evidence = append(g.Evidence, "perhaps of the same cause: "+f.Summary+" ("+f.Rule+")")
		}
	}
	return slices.DeleteFunc(list, func(f Finding) bool { return suspected(&f) })
}
