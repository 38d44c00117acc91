package leak

import (
	"fmt"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// What the rules about unread data in ESTABLISHED share.

// unread reports whether the socket is ESTABLISHED with data that has lain
// unread for the grace period at least.
func (c *Case) unread(s *socket.Socket) bool {
	return s.State == socket.Established && s.RecvQ > 0 && s.Has(socket.HasQueues) && s.IsTCP() &&
		len(s.Holders) > 0 && s.Listener == 0 && c.unreadFor(s) >= c.Settings.Grace
}

// unreadFor is how long at least the data lies unread: since the newest of it
// arrived, or since the receive queue was first seen not to shrink.
func (c *Case) unreadFor(s *socket.Socket) time.Duration {
	var d time.Duration
	if s.Has(socket.HasTCPInfo) {
		d = s.TCP.LastDataRecv
	}
	k := c.Track(s)
	if k == nil || k.RecvQMin < s.RecvQ {
		return d
	}
	since := k.First
	if k.Moved.After(since) {
		since = k.Moved
	}
	return max(d, c.Now().Taken.Sub(since))
}

// windowFull reports whether the peer cannot send any more: its own timer
// says so, or the queue is as large as a default window becomes at least.
func windowFull(s *socket.Socket) bool {
	return s.Peer != nil && s.Peer.Timer.Kind == socket.Persist || s.RecvQ >= fullQueue
}

// fullQueue is the least that a default receive window (the middle value of
// net.ipv4.tcp_rmem, 128 KiB, of which half is for data) holds when full.
const fullQueue = 64 << 10

// unreadDataLevel needs time where nobody waits, and more where somebody might.
func (c *Case) unreadDataLevel(g group) Level {
	n, old := 0, time.Duration(0)
	for _, s := range g.sockets {
		d := c.unreadFor(s)
		old = max(old, d)
		if d >= c.Settings.Ripe() {
			n++
		}
	}
	nobody := c.unwatched(g.sockets)
	switch {
	case nobody && (n >= 1 && windowFull(g.sockets[0]) || n >= c.Settings.Several || old >= c.Settings.Proof):
		return Leak
	case old >= patience && windowFull(g.sockets[0]) && !threaded(g.sockets):
		return Leak
	case c.trend(g).Growing && n >= c.Settings.Several:
		return Leak
	}
	return Suspect
}

// unreadFindings reports sockets with unread data.
func (c *Case) unreadFindings(list []*socket.Socket, summary string) []Finding {
	var out []Finding
	for _, g := range c.groups(list) {
		s := g.sockets[0]
		f := c.finding(g, c.unreadDataLevel(g), fmt.Sprintf(summary, Plural(len(g.sockets), "connection"), g.where()))
		f.Age.AtLeast = c.unreadFor(s)
		f.Evidence = append(f.Evidence, fmt.Sprintf("%d bytes unread (recv-q), the newest arrived %s ago", s.RecvQ, Span(c.unreadFor(s))))
		if e := c.ends(g.sockets); e.full > 0 {
			f.Evidence = append(f.Evidence, "the peer's persist timer runs: it wants to send and has no window")
		}
		f.Evidence = appendWords(f.Evidence, c.ends(g.sockets).words())
		out = append(out, f)
	}
	return out
}
