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

// upstream is where the program itself waits for answers.
type upstream struct {
	at     netip.AddrPort
	n      int // questions that are outstanding
	oldest time.Duration
	waiter *socket.Waiter // one who waits for the answer; nil when none is known
}

// upstreamOf returns what most questions of the program are outstanding at; ok
// is false where none is.
func upstreamOf(c *leak.Case, g *leak.Group) (u upstream, ok bool) {
	by := map[netip.AddrPort]*upstream{}
	for _, s := range c.Now().Sockets {
		if s.State != socket.Established || s.TCP.LastDataSent < time.Second || c.Asks(s) != leak.Yes || !s.IsTCP() || !c.Opened(s) {
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
		if u.waiter == nil && s.Watch != nil && len(s.Watch.Waiters) > 0 && !s.Watch.Registered() {
			u.waiter = &s.Watch.Waiters[0]
		}
	}
	var list []*upstream
	for _, u := range by {
		list = append(list, u)
	}
	if len(list) == 0 {
		return upstream{}, false
	}
	slices.SortFunc(list, func(a, b *upstream) int { return cmp.Or(cmp.Compare(b.n, a.n), a.at.Compare(b.at)) })
	return *list[0], true
}

// sayUpstream says what the program itself waits for meanwhile: clients that
// give up, or are not read from, are often the shadow of an upstream that does
// not answer.
func sayUpstream(c *leak.Case, g *leak.Group, f *leak.Finding) {
	if u, ok := upstreamOf(c, g); ok {
		f.Evidence = append(f.Evidence, fmt.Sprintf("meanwhile the program waits for %s, which has not answered %s (the oldest for %s)",
			u.at, words.Plural(u.n, "request"), words.Span(u.oldest)))
		if w := u.waiter; w != nil && w.Own() != nil {
			f.Evidence = append(f.Evidence, fmt.Sprintf("%s %d waits for %s in %s, %s", w.Kind, w.ID, u.at, w.CallName(), leak.FrameWords(w.Own())))
		}
	}
}

// adviseUpstream gives the advice that helps where the upstream is the reason:
// to look there.
func adviseUpstream(c *leak.Case, g *leak.Group, f *leak.Finding, clients string) {
	if u, ok := upstreamOf(c, g); ok {
		f.Fix = fmt.Sprintf("its clients %s while %s does not answer (%s, oldest %s): look at that upstream, bound the wait for it, let a client's abort end the request",
			clients, u.at, words.Plural(u.n, "request"), words.Span(u.oldest))
	}
}
