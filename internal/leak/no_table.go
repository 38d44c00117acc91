package leak

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// What the rules about sockets in no table share: they have no state that
// changes and no timestamp, so that only their number, their survival and
// their growth prove anything. A few of them are normal: netdevice(7) ioctls
// work on any socket, and a program may open one before it connects it.

// many is the number of such sockets for which no healthy program has a use.
const many = 16

// inNoTable wants TCP and UDP sockets by what is known of why they are in no
// table.
func inNoTable(want ...socket.Presence) func(*Case, *socket.Socket) bool {
	return func(_ *Case, s *socket.Socket) bool {
		return s.Presence != socket.InTable && slices.Contains(want, s.Presence) && (s.IsTCP() || s.IsUDP()) && len(s.Holders) > 0
	}
}

// levelByNumber judges a group by its number and growth; ok is false when
// there are too few to mention.
func (c *Case) levelByNumber(g group, few, proof int) (level Level, ok bool) {
	switch n := len(g.sockets); {
	case c.trend(g).Growing && c.survivors(g) > 0, n >= proof:
		return Leak, true
	case n >= few:
		return Suspect, true
	}
	return 0, false
}

// survivors counts the sockets of the group that every look has seen; all of
// them after one look.
func (c *Case) survivors(g group) int {
	looks := c.Looks()
	if len(looks) < 2 {
		return len(g.sockets)
	}
	n := 0
	for _, s := range g.sockets {
		if k := c.Track(s); k != nil && !k.First.After(looks[0].Taken) {
			n++
		}
	}
	return n
}

// reports makes one finding for every group that levelByNumber mentions.
func (c *Case) reports(list []*socket.Socket, few, proof int, describe func(g group, f *Finding)) []Finding {
	var out []Finding
	for _, g := range c.groups(list) {
		level, ok := c.levelByNumber(g, few, proof)
		if !ok {
			continue
		}
		f := c.finding(g, level, "")
		f.Watched = ""
		describe(g, &f)
		f.Evidence = append(f.Evidence, c.survivalWords(g, f.Trend)...)
		out = append(out, f)
	}
	return out
}

// upper writes the name of a protocol as its RFC does.
func upper(proto string) string { return strings.ToUpper(proto) }

func (c *Case) survivalWords(g group, t track.Trend) []string {
	if len(c.Looks()) < 2 {
		return nil
	}
	text := fmt.Sprintf("%d of them were there during all %d looks", c.survivors(g), c.Count())
	if t.Growing {
		text += fmt.Sprintf("; their number rose from %d to %d", t.From, t.To)
	}
	return []string{text}
}
