package leak

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
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

// foldStages makes one finding of those whose sockets are of one kind and place,
// and differ only in how far the life of the connection has gone on: of what is
// proven, and of what a rule that is not general suspects beside it.
func (c *Case) foldStages(rules []Rule, list []Finding) []Finding {
	stage := func(f *Finding) bool {
		r, ok := Find(rules, f.Pattern)
		return ok && r.Stage && (f.Level == Leak || f.Level == Suspect && !r.General)
	}
	var out []Finding
	for i := range list {
		f := list[i]
		into := slices.IndexFunc(out, func(g Finding) bool {
			return max(g.Level, f.Level) == Leak && stage(&f) && stage(&g) && c.kindOf(&g) == c.kindOf(&f) &&
				g.Local == f.Local && g.Remote == f.Remote && samePeers(&g, &f)
		})
		if into < 0 {
			out = append(out, f)
			continue
		}
		g := out[into]
		if f.Level > g.Level {
			f, g = g, f
		}
		if f.Level < Leak {
			f.Evidence = []string{fmt.Sprintf("%s of these would prove nothing alone (%s)", words.Plural(len(f.Sockets), "socket"), f.Rule)}
		}
		g.Sockets = slices.Concat(g.Sockets, f.Sockets)
		g.Summary += "; " + f.Summary
		g.Evidence = slices.Concat(g.Evidence, f.Evidence)
		out[into] = g
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
