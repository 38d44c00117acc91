package leak

import (
	"fmt"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

func deadPeer() Rule {
	return Rule{
		ID: "dead-peer", Title: "the program waits for a peer that is gone, and nothing will tell it", Severity: Leak,
		Doc: Doc{Means: "The connection is ESTABLISHED on this side only: the peer vanished without a FIN or a reset. Without keepalive and without a timeout TCP waits for ever."},
		Remedy: Remedy{
			socket.RuntimeUnknown: "set a read timeout or SO_KEEPALIVE with TCP_USER_TIMEOUT, and close when it strikes",
			socket.Python:         "sock.settimeout(...), and SO_KEEPALIVE with TCP_KEEPIDLE against peers that vanish; close in `finally`",
		},
		Check: checkDeadPeer,
	}
}

// deadRetries is the number of unanswered retransmissions after which a peer
// is likely gone: the sixth goes out after some 12 s at least.
const deadRetries = 6

func checkDeadPeer(c *Case) []Finding {
	list := c.Open(func(s *socket.Socket) bool {
		return s.State == socket.Established && s.IsTCP() && len(s.Holders) > 0 && s.Remote.IsValid() && c.deadEvidence(s) != ""
	})
	var out []Finding
	for _, g := range c.groups(list) {
		level := Suspect
		for _, s := range g.sockets {
			if s.Peer != nil && s.Peer.Gone {
				level = Leak
			}
		}
		f := c.finding(g, level, fmt.Sprintf("waits on %s for %s, which is gone", plural(len(g.sockets), "connection"), g.where()))
		f.Evidence = append(f.Evidence, c.deadEvidence(g.sockets[0]))
		if !armed(g.sockets[0]) {
			f.Evidence = append(f.Evidence, "no keepalive timer is armed: TCP will wait for ever")
		}
		f.Age.AtLeast = c.Idle(g.sockets[0])
		out = append(out, f)
	}
	return out
}

// deadEvidence says why the peer of an ESTABLISHED connection seems gone; ""
// when it does not.
func (c *Case) deadEvidence(s *socket.Socket) string {
	switch {
	case s.Peer != nil && s.Peer.Gone && c.Idle(s) >= c.Settings.Grace:
		return "the peer's address is this machine's own, and no such connection exists there"
	case s.Peer.Held():
		return ""
	case s.SendQ > 0 && s.Timer.Kind == socket.Retransmit && max(s.Timer.Retries, s.TCP.Retransmits) >= deadRetries:
		return fmt.Sprintf("%d bytes are unacknowledged after %d retransmissions", s.SendQ, max(s.Timer.Retries, s.TCP.Retransmits))
	case !armed(s) && s.SendQ == 0 && c.blockedReader(s) && c.Idle(s) >= c.Settings.Silence:
		return fmt.Sprintf("a thread sleeps in %s, and nothing was received for %s", s.Watch.Threads[0].Syscall,
			roundly(max(s.TCP.LastDataRecv, time.Second)))
	}
	return ""
}

func armed(s *socket.Socket) bool { return s.Timer.Kind == socket.Keepalive }

// blockedReader reports whether a thread sleeps in a call that reads from
// this socket alone: poll and epoll have timeouts and other sockets.
func (c *Case) blockedReader(s *socket.Socket) bool {
	if s.Watch == nil {
		return false
	}
	for _, t := range s.Watch.Threads {
		switch t.Syscall {
		case "read", "readv", "recvfrom", "recvmsg":
			return true
		}
	}
	return false
}
