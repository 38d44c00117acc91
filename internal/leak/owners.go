package leak

import (
	"slices"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// ownerWords says for whom an event loop has registered the sockets, such as
// "for 3 tasks in handle app.py:9"; those who are most come first.
func ownerWords(list []*socket.Socket) (out []string) {
	const most = 3
	type group struct{ kind, place string }
	n := map[group]int{}
	var groups []group
	for _, s := range list {
		if s.Watch == nil {
			continue
		}
		for i := range s.Watch.Epolls {
			o := s.Watch.Epolls[i].Owner
			if o == nil {
				continue
			}
			g := group{"protocol", " " + o.Protocol}
			if len(o.Task) > 0 {
				g = group{"task", " in" + stackWords(&socket.Waiter{Frames: o.Task})[1:]}
			}
			if n[g]++; n[g] == 1 {
				groups = append(groups, g)
			}
		}
	}
	slices.SortStableFunc(groups, func(a, b group) int { return n[b] - n[a] })
	for _, g := range groups[:min(len(groups), most)] {
		out = append(out, "for "+words.Plural(n[g], g.kind)+g.place)
	}
	return out
}
