package leak

import (
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// Questions returns what the verdict on the newest snapshot hangs on and the
// tables do not say: the sockets that a rule is about, that are old enough to
// be mentioned, and whose other end, waiters or holders decide. What is most
// suspicious comes first, in the order of the rules. The history is not
// changed; nil is returned before the first look.
func Questions(rules []Rule, h *track.History, set Settings) *socket.Questions {
	if h.Now() == nil {
		return nil
	}
	c := newCase(h, set)
	a := asking{most: len(h.Now().Sockets), listeners: map[*socket.Socket]bool{}}
	all := c.sift(rules)
	again := make(map[*socket.Socket]bool, len(all.several)) // false until it was asked about
	for _, s := range all.several {
		again[s] = false
	}
	for i := range rules {
		for _, s := range all.wanted[i] {
			asked, several := again[s]
			if asked || rules[i].Ripe != nil && !rules[i].Ripe(c, s) {
				continue
			}
			a.about(c, s)
			if several {
				again[s] = true
			}
		}
	}
	for _, s := range h.Now().Sockets {
		if s.State == socket.Listen && len(s.Holders) > 0 { // who serves is who waits here
			a.wait(s)
		}
	}
	return &a.Questions
}

// asking collects questions, each once.
type asking struct {
	socket.Questions
	most      int                     // sockets there are
	listeners map[*socket.Socket]bool // that are among the waiters
}

// maxNamed is of how many other ends the processes are named.
const maxNamed = 512

// about asks all that may decide about one socket.
func (a *asking) about(c *Case, s *socket.Socket) {
	if len(s.Holders) > 0 {
		a.wait(s)
	}
	connected := s.IsTCP() && s.Remote.IsValid() && s.State != socket.SynSent && s.State != socket.Close
	if pair := s.Family == socket.Unix && s.UnixInfo != nil && s.UnixInfo.PeerInode != 0; connected || pair {
		a.Peers = append(roomFor(a.Peers, max(a.most-len(a.Peers), 1)), s)
		if len(a.PeerHolders) < maxNamed && (s.State != socket.Established || s.RecvQ > 0 || s.SendQ > 0) {
			a.PeerHolders = append(a.PeerHolders, s)
		}
	}
	shared := s.State == socket.Listen || s.Family == socket.Unix || len(s.Holders) > 1 || s.Shared || !s.Has(socket.HasShared)
	if len(s.Holders) > 0 && shared {
		a.Holders = append(a.Holders, s)
	}
	if l := c.Listener(s); l != nil && len(l.Holders) > 0 {
		a.wait(l)
	}
}

func (a *asking) wait(s *socket.Socket) {
	if s.State == socket.Listen {
		if a.listeners[s] {
			return
		}
		a.listeners[s] = true
	}
	a.Waiters = append(roomFor(a.Waiters, max(a.most-len(a.Waiters), 1)), s)
}
