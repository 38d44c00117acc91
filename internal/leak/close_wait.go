package leak

import (
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// What the rules of the CLOSE_WAIT family share. The peer has closed; the
// program must do the same, and has not. How much of the stream is unread
// tells why: the kernel counts the peer's FIN as one byte of the receive
// queue (tcp_fin in net/ipv4/tcp_input.c advances rcv_nxt).

// closeWaits wants the sockets in CLOSE_WAIT with a receive queue for which
// want is true, past the grace period, without those on which data still
// moves: half-closed connections may be used that way for ever.
func closeWaits(want func(recvQ uint32) bool) func(*Case, *socket.Socket) bool {
	return func(c *Case, s *socket.Socket) bool {
		return s.State == socket.CloseWait && s.Listener == 0 && len(s.Holders) > 0 && s.IsTCP() &&
			want(unreadOf(s)) && !c.sending(s) && c.past(s)
	}
}

// unreadOf is the receive queue. Of an MPTCP socket the kernel tells memory,
// not bytes; that its peer has closed is known all the same, and it is taken
// for one whose EOF was read.
func unreadOf(s *socket.Socket) uint32 {
	if !s.Has(socket.HasQueues) {
		return 0
	}
	return s.RecvQ
}

// past reports whether the socket is past the grace period. Where no source
// gives an age and there was only one look, it counts as past: the level will
// be that of a suspicion.
func (c *Case) past(s *socket.Socket) bool {
	if len(c.Looks()) == 1 && !s.Has(socket.HasTCPInfo) {
		return true
	}
	return c.Age(s).AtLeast >= c.Settings.Grace
}

// sending reports whether the program still sent data within the grace
// period, or between two looks.
func (c *Case) sending(s *socket.Socket) bool {
	if s.Has(socket.HasTCPInfo) && s.TCP.BytesSent > 0 && s.TCP.LastDataSent < c.Settings.Grace {
		return true
	}
	return c.movedLately(s)
}

// movedLately reports whether data moved between two looks, in the state that
// the socket is in, within twice the grace period.
func (c *Case) movedLately(s *socket.Socket) bool {
	k := c.Track(s)
	return k != nil && k.Moved.After(k.StateSince) && c.Now().Taken.Sub(k.Moved) < 2*c.Settings.Grace
}

// proven reports whether the group is old or large enough to be called a
// leak: one socket past Settings.Proof, several past Settings.Ripe, or growth.
func (c *Case) proven(g group) bool {
	return c.older(g.sockets, c.Settings.Proof) > 0 ||
		c.older(g.sockets, c.Settings.Ripe()) >= c.Settings.Several ||
		c.trend(g).Growing
}

// answerable reports whether the other ends are on this machine and still
// held: the peer only shut down its sending side and may wait for an answer.
func (c *Case) answerable(g group) bool {
	e := c.ends(g.sockets)
	return e.held > 0 && e.states[socket.FinWait2.String()] > 0
}

// patience is how long a half-closed peer that still waits is given before
// the program is said to have forgotten it.
const patience = 5 * time.Minute

func appendWords(list []string, words string) []string {
	if words == "" {
		return list
	}
	return append(list, words)
}

// unreadLevel is the level of a group whose EOF nobody has read. A client's
// pool looks the same until it next borrows the connection, so that only
// growth or the pattern of single use proves a leak there. An accepted
// connection has no pool: whoever accepted it must read it. But a thread may
// be at work for a client that has given up, and will close it then.
func (c *Case) unreadLevel(g group) Level {
	s := g.sockets[0]
	switch {
	case !c.proven(g):
		return Suspect
	case !c.Accepted(s):
		if c.trend(g).Growing || c.usedOnce(g.sockets) {
			return Leak
		}
		return Suspect
	case c.hands(g.process) >= len(g.sockets) && c.Age(s).AtLeast < c.Settings.Proof && !c.eventDriven(g):
		return Suspect
	}
	return Leak
}

// eventDriven reports whether epoll sets watch the group's sockets.
func (c *Case) eventDriven(g group) bool {
	for _, s := range g.sockets {
		if s.Watch != nil && len(s.Watch.Epolls) > 0 {
			return true
		}
	}
	return false
}

func (c *Case) unreadEvidence(list []string, g group) []string {
	if !c.Accepted(g.sockets[0]) && c.usedOnce(g.sockets) {
		list = append(list, "each was used once and left, and later ones were opened while these were idle: no pool does that")
	} else if !c.Accepted(g.sockets[0]) {
		list = append(list, "a connection pool looks like this until it next borrows the connection")
	}
	if hands := c.hands(g.process); hands == 0 && c.Accepted(g.sockets[0]) {
		list = append(list, "every thread of the process sleeps on another descriptor")
	}
	return appendWords(list, c.ends(g.sockets).words())
}
