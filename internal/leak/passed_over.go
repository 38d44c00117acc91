package leak

import (
	"net/netip"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// PassedOver counts the sockets of the group that lay idle while their
// process opened another to the same place: a pool would have used those. A
// pool that grows with its load does not open one before all are in use. Alone
// counts those that are the only one of their process to their place: nothing
// is known of these.
func (c *Case) PassedOver(g *Group) (passed, alone int) {
	if len(c.Looks()) < 2 {
		return 0, 0
	}
	type place struct {
		process socket.ProcessID
		remote  netip.AddrPort
	}
	at := func(s *socket.Socket) (p place) {
		p.remote = s.Remote
		if o := c.Owner(s); o != nil {
			p.process = o.ID
		}
		return p
	}
	type newest struct {
		n      int
		opened time.Time // at the earliest; zero when all were there at the first look
	}
	by := map[place]newest{}
	start, now := c.Looks()[0].Taken, c.Now().Taken
	every := c.Window() / time.Duration(max(c.Count()-1, 1))
	for _, s := range g.All {
		w := by[at(s)]
		w.n++
		if k := c.Track(s); k.NewSince(start) {
			opened := bornAt(s)
			if opened.IsZero() {
				opened = k.First.Add(-every) // within the sample before it was seen
			}
			if opened.After(w.opened) {
				w.opened = opened
			}
		}
		by[at(s)] = w
	}
	for _, s := range g.Sockets {
		switch w := by[at(s)]; {
		case w.n == 1:
			alone++
		case w.opened.After(now.Add(-c.Idle(s))):
			passed++
		}
	}
	return passed, alone
}

// OnePerThread reports whether the process may have one for each of its
// threads: it has no more of them than threads.
func (c *Case) OnePerThread(g *Group, s *socket.Socket) Answer {
	p := c.Owner(s)
	if p == nil || p.Threads == 0 {
		return Unknown
	}
	return AnswerOf(p.Threads > 1 && c.alike(g, s) <= p.Threads)
}

// PoolReads reports whether all that waits for the socket is known to be the
// reader of a pool of the language's library, which every idle connection has:
// the program itself expects nothing of it.
func PoolReads(s *socket.Socket) bool {
	w := s.Watch
	if w == nil || len(w.Threads) > 0 || len(w.Waiters) == 0 || w.Doubt != "" || w.Registered() {
		return false
	}
	for i := range w.Waiters {
		// net/http starts it with the connection; who reads a body that streams is
		// the program's own goroutine.
		if start := w.Waiters[i].Start; start == nil || start.Function != "net/http.(*Transport).dialConn" {
			return false
		}
	}
	return true
}
