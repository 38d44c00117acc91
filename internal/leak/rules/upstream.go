package rules

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// upstreamWords says what the program itself waits for meanwhile: clients that
// give up are often the shadow of an upstream that does not answer. It is ""
// where no question of its own is outstanding.
func upstreamWords(c *leak.Case, g *leak.Group) string {
	type upstream struct {
		at     netip.AddrPort
		n      int
		oldest time.Duration
	}
	by := map[netip.AddrPort]*upstream{}
	for _, s := range c.Now().Sockets {
		if s.State != socket.Established || !s.IsTCP() || !c.Opened(s) || c.Asks(s) != leak.Yes || s.TCP.LastDataSent < time.Second {
			continue
		}
		if c.Population(s).Program != g.Program {
			continue
		}
		u := by[s.Remote]
		if u == nil {
			u = &upstream{at: s.Remote}
			by[s.Remote] = u
		}
		u.n++
		u.oldest = max(u.oldest, s.TCP.LastDataSent)
	}
	var list []*upstream
	for _, u := range by {
		list = append(list, u)
	}
	if len(list) == 0 {
		return ""
	}
	slices.SortFunc(list, func(a, b *upstream) int { return cmp.Or(cmp.Compare(b.n, a.n), a.at.Compare(b.at)) })
	u := list[0]
	return fmt.Sprintf("meanwhile the program waits for %s, which has not answered %s (the oldest for %s)",
		u.at, words.Plural(u.n, "request"), words.Span(u.oldest))
}
