package leak

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// AppendWords appends words that are there.
func AppendWords(list []string, words string) []string {
	if words == "" {
		return list
	}
	return append(list, words)
}

// Where says whom the sockets of the group are connected to, or what they
// came in on: "10.0.0.5:5432", "40 addresses", or "clients of port 8080".
func (c *Case) Where(f *Finding) string {
	switch {
	case f.Remote.IsValid():
		return f.Remote.String()
	case f.Local.Port() != 0:
		return fmt.Sprintf("clients of port %d", f.Local.Port())
	case f.Role == track.Accepted && f.Sockets[0].Family.IP():
		return "clients"
	}
	seen := map[string]bool{}
	for _, s := range f.Sockets {
		if s.Remote.IsValid() {
			seen[s.Remote.String()] = true
		}
	}
	if len(seen) == 0 {
		return "their peers"
	}
	if len(seen) == 1 {
		return "1 address"
	}
	return fmt.Sprintf("%d addresses", len(seen))
}

// processesOf returns the processes that the sockets are reported under,
// those with most first.
func (c *Case) processesOf(list []*socket.Socket) []socket.ProcessID {
	counts := c.perProcess(list)
	ids := make([]socket.ProcessID, 0, len(counts))
	for id := range counts {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b socket.ProcessID) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a.PID, b.PID))
	})
	return ids
}

func (c *Case) perProcess(list []*socket.Socket) map[socket.ProcessID]int {
	counts := map[socket.ProcessID]int{}
	for _, s := range list {
		p := c.Owner(s)
		if s.Listener != 0 {
			p = c.Owner(c.Listener(s))
		}
		if p != nil {
			counts[p.ID]++
		}
	}
	return counts
}

// spreadWords says how the sockets are spread over processes, ports and
// destinations, where they are.
func (c *Case) spreadWords(f *Finding) []string {
	var out []string
	if n := len(f.Processes); n > 1 {
		counts := c.perProcess(f.Sockets)
		var parts []string
		for _, id := range f.Processes[:min(n, 4)] {
			parts = append(parts, fmt.Sprintf("%d in pid %d", counts[id], id.PID))
		}
		if n > 4 {
			parts = append(parts, fmt.Sprintf("and %d more", n-4))
		}
		out = append(out, fmt.Sprintf("in %d processes of the program: %s", n, strings.Join(parts, ", ")))
	}
	if f.Role == track.Accepted && f.Local.Port() == 0 && f.Sockets[0].Family.IP() {
		ports := map[string]int{}
		for _, s := range f.Sockets {
			ports[fmt.Sprint(s.Local.Port())]++
		}
		var parts []string
		for _, p := range sortedKeys(ports) {
			parts = append(parts, fmt.Sprintf("%d on port %s", ports[p], p))
		}
		if len(parts) > 4 {
			parts = append(parts[:4], fmt.Sprintf("and %d more", len(ports)-4))
		}
		out = append(out, strings.Join(parts, ", "))
	}
	return out
}

// unknowns says what is not known of the group, a sentence for each spare.
func (c *Case) unknowns(r *Rule, g *Group) []string {
	var out []string
	for i := range r.Spares {
		if n := g.Open[i]; n > 0 {
			text := r.Spares[i].Unknown
			if n < len(g.Sockets) {
				text += fmt.Sprintf(" (%d of %d)", n, len(g.Sockets))
			}
			out = append(out, text)
		}
	}
	if len(out) == 0 && len(r.Proofs) > 0 && len(c.Looks()) < MinLooks {
		out = append(out, "a single sample cannot show whether they stay or accumulate; try --for 30s")
	}
	return out
}

// unknownWords is unknowns in one line.
func (c *Case) unknownWords(r *Rule, g *Group) string {
	return strings.Join(c.unknowns(r, &Group{Key: g.Key, Sockets: g.All, Open: g.Open}), "; ")
}
