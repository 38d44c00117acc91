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
	a := asking{most: len(h.Now().Sockets), seen: map[*socket.Socket]bool{}, listeners: map[*socket.Socket]bool{}}
	wanted := c.sift(rules)
	for i := range rules {
		for _, s := range wanted[i] {
			if !a.seen[s] && (rules[i].Ripe == nil || rules[i].Ripe(c, s)) {
				a.about(c, s)
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
	seen      map[*socket.Socket]bool // all is asked about them
	listeners map[*socket.Socket]bool // that are among the waiters
}

// maxNamed is of how many other ends the processes are named.
const maxNamed = 512

// about asks all that may decide about one socket that it has not seen.
func (a *asking) about(c *Case, s *socket.Socket) {
	a.seen[s] = true
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
