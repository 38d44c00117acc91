package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
)

// kind is what findings about several processes of the command have in common
// when they are about the same population.
type kind struct {
	rule     string
	proto    string
	accepted bool
	runtime  socket.Runtime
	program  string // of what was left open: two programs are two matters there
}

func (l *life) kindOf(f *leak.Finding) kind {
	k := kind{rule: f.Rule, accepted: f.Local.IsValid(), runtime: l.process.Runtime}
	if len(f.Sockets) > 0 {
		k.proto = f.Sockets[0].Proto()
	}
	if f.Rule == ruleLeftOpen {
		k.program = l.process.Name
	}
	return k
}

// part is what one process adds to a finding about several.
type part struct {
	*life
	finding leak.Finding
}

// merged returns the findings about all processes, those of one kind and level
// as one.
func (c *course) merged() []leak.Finding {
	type group struct {
		kind
		leak.Level
	}
	parts := map[group][]part{}
	var order []group
	seen := map[flagged]bool{}
	for _, l := range c.ended {
		for _, f := range l.findings {
			// A parent and its child may hold the same socket: it counts once.
			f.Sockets = slices.DeleteFunc(slices.Clone(f.Sockets), func(s *socket.Socket) bool {
				key := flagged{f.Rule, s.ID()}
				again := seen[key]
				seen[key] = true
				return again
			})
			if len(f.Sockets) == 0 {
				continue
			}
			g := group{l.kindOf(&f), f.Level}
			if parts[g] == nil {
				order = append(order, g)
			}
			parts[g] = append(parts[g], part{l, f})
		}
	}
	var list []leak.Finding
	for _, g := range order {
		list = append(list, merge(parts[g]))
	}
	return list
}

// merge makes one finding of those of several processes: it is under the
// process with the most sockets, and names the others.
func merge(parts []part) leak.Finding {
	most := slices.MaxFunc(parts, func(a, b part) int { return len(a.finding.Sockets) - len(b.finding.Sockets) })
	f := most.finding
	if len(parts) == 1 {
		return f
	}
	f.Sockets = nil
	for _, p := range parts {
		g := &p.finding
		f.Sockets = append(f.Sockets, g.Sockets...)
		if g.Age.AtLeast > f.Age.AtLeast {
			f.Age = g.Age
		}
		if g.Local != f.Local {
			f.Local = anyPort(f.Local, g.Local)
		}
		if g.Remote != f.Remote {
			f.Remote = anyPort(f.Remote, g.Remote)
		}
		if g.Watched != f.Watched {
			f.Watched = ""
		}
	}
	f.Trend = track.Trend{}
	f.Summary += "; " + inEach(parts)
	return f
}

// inEach says how many sockets there are in which processes: "50 sockets in
// each of 4 processes (a.test, b.test, ...)".
func inEach(parts []part) string {
	counts := processesOf(parts)
	if len(counts) == 1 {
		return fmt.Sprintf("%d such sockets in all", counts[0].sockets)
	}
	total, equal := 0, true
	for _, c := range counts {
		total += c.sockets
		equal = equal && c.sockets == counts[0].sockets
	}
	names := namesOf(counts, !equal)
	if equal {
		return fmt.Sprintf("%s in each of %d processes (%s)", words.Plural(counts[0].sockets, "socket"), len(counts), names)
	}
	return fmt.Sprintf("%s in %d processes (%s)", words.Plural(total, "socket"), len(counts), names)
}

type count struct {
	id      socket.ProcessID
	name    string
	sockets int
}

// processesOf counts the sockets of each process, in the order of their ends.
func processesOf(parts []part) []count {
	var list []count
	for _, p := range parts {
		i := slices.IndexFunc(list, func(c count) bool { return c.id == p.id })
		if i < 0 {
			i = len(list)
			list = append(list, count{id: p.id, name: p.process.Name})
		}
		list[i].sockets += len(p.finding.Sockets)
	}
	return list
}

// namedMost is how many processes are named.
const namedMost = 4

// namesOf lists the names, each once, with their sockets where these differ.
func namesOf(counts []count, numbers bool) string {
	var names []string
	for _, c := range counts {
		name := c.name
		if numbers {
			name = fmt.Sprintf("%s %d", name, c.sockets)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) > namedMost {
		names = append(names[:namedMost], "...")
	}
	return strings.Join(names, ", ")
}
