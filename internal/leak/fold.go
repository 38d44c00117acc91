package leak

import (
	"net/netip"
	"slices"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// kind is sockets of one population under one process.
type kind struct {
	process socket.ProcessID
	track.Population
}

func (c *Case) kindOf(f *Finding) kind { return kind{f.Process, c.Population(f.Sockets[0])} }

// fold makes one finding of what has one cause, as far as that is known: what
// a general rule only suspects of sockets of a kind of which the same process
// is proven to leak others is said in the proven finding.
func (c *Case) fold(rules []Rule, list []Finding) []Finding {
	list = c.foldStages(rules, list)
	proven := map[kind]*Finding{}
	for i := range list {
		if f := &list[i]; f.Level == Leak && f.Pattern != "" && proven[c.kindOf(f)] == nil {
			proven[c.kindOf(f)] = f
		}
	}
	suspected := func(f *Finding) bool {
		r, ok := Find(rules, f.Pattern)
		return ok && r.General && f.Level == Suspect && proven[c.kindOf(f)] != nil
	}
	for i := range list {
		if f := &list[i]; suspected(f) {
			g := proven[c.kindOf(f)]
			g.Evidence = append(g.Evidence, "perhaps of the same cause: "+f.Summary+" ("+f.Rule+")")
		}
	}
	return slices.DeleteFunc(list, func(f Finding) bool { return suspected(&f) })
}

// foldStages makes one finding of proven ones whose sockets are of one kind and
// place, and differ only in how far the life of the connection has gone on.
func (c *Case) foldStages(rules []Rule, list []Finding) []Finding {
	stage := func(f *Finding) bool {
		r, ok := Find(rules, f.Pattern)
		return ok && r.Stage && f.Level == Leak
	}
	var out []Finding
	for i := range list {
		f := &list[i]
		into := slices.IndexFunc(out, func(g Finding) bool {
			return stage(f) && stage(&g) && c.kindOf(&g) == c.kindOf(f) && g.Local == f.Local && g.Remote == f.Remote && samePeers(&g, f)
		})
		if into < 0 {
			out = append(out, *f)
			continue
		}
		g := &out[into]
		g.Sockets = slices.Concat(g.Sockets, f.Sockets)
		g.Summary += "; " + f.Summary
		g.Evidence = append(g.Evidence, f.Evidence...)
	}
	return out
}

// samePeers reports whether most destinations of one finding are among those
// of the other. What was accepted has come in on the same port.
func samePeers(f, g *Finding) bool {
	if f.Role == track.Accepted {
		return true
	}
	there := map[netip.AddrPort]bool{}
	for _, s := range f.Sockets {
		there[s.Remote] = true
	}
	n := 0
	for _, s := range g.Sockets {
		if there[s.Remote] {
			n++
		}
	}
	return 2*n > len(g.Sockets)
}
