package leak

import (
	"fmt"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

func deadPeer() Rule {
	return Rule{
		ID: "dead-peer", Title: "the program waits for a peer that is gone, and nothing will tell it", Severity: Leak,
		Doc: Doc{
			Means: "The connection is ESTABLISHED on this side only: the peer vanished without a FIN or a reset. Without " +
				"keepalive and without a timeout TCP waits for ever.",
			Causes: "A peer that crashed or lost power, a NAT or firewall that forgot the connection, a network that was " +
				"cut; and a read without a time-out on a socket without keepalive.",
			Evidence: "One of three. The peer's address is this machine's own and it has no such connection, while nothing " +
				"has moved for the grace period (5 s): a leak. Data is unacknowledged after six retransmissions or " +
				"more (some 12 s; RFC 6298). Or a thread sleeps in read() or recv() on the socket, no keepalive timer " +
				"is armed, and nothing has moved for the silence period (15 min).",
			BlindSpot: "A silent peer on another machine cannot be told from a dead one: the last two are suspicions. Event " +
				"loops (epoll, poll) show no waiting thread, so there only unacknowledged data tells.",
			LookAlike: "Long-lived idle connections are normal: LISTEN/NOTIFY, pub/sub, websockets, sd_notify. With " +
				"keepalive armed, with the other end held by a process of this machine, or with a thread in poll() " +
				"they are not mentioned.",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "set a read timeout, or SO_KEEPALIVE with TCP_USER_TIMEOUT, and close when it strikes",
			socket.Python:         "sock.settimeout(30), or SO_KEEPALIVE with TCP_KEEPIDLE/TCP_KEEPINTVL/TCP_KEEPCNT; asyncio: async with asyncio.timeout(30); close in `finally`",
			socket.Go:             "conn.SetReadDeadline(time.Now().Add(...)) before each Read; net.Dialer keeps KeepAlive on unless it is set below 0",
			socket.Node:           "socket.setTimeout(ms, () => socket.destroy()); socket.setKeepAlive(true, 60000)",
			socket.Java:           "socket.setSoTimeout(30000); socket.setKeepAlive(true); JDBC: socketTimeout=30 in the URL",
			socket.Ruby:           "sock.timeout = 30 (3.2+), Net::HTTP#read_timeout; sock.setsockopt(:SOCKET, :KEEPALIVE, true)",
			socket.DotNet:         "ReadAsync(buffer, token) with CancellationTokenSource.CancelAfter; socket.SetSocketOption(Socket, KeepAlive, true)",
			socket.Native:         "setsockopt SO_RCVTIMEO, or SO_KEEPALIVE with TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT and TCP_USER_TIMEOUT",
		},
		States: socket.StateSet(socket.Established),
		Want:   (*Case).seemsDead,
		Check:  checkDeadPeer,
	}
}

// deadRetries is the number of unanswered retransmissions after which a peer
// is likely gone: the sixth goes out after some 12 s at least.
const deadRetries = 6

func checkDeadPeer(c *Case, list []*socket.Socket) []Finding {
	var out []Finding
	for _, g := range c.groups(list) {
		level := Suspect
		for _, s := range g.sockets {
			if s.Peer != nil && s.Peer.Gone || s.Has(socket.HasTCPInfo) && s.SendQ > 0 && s.TCP.LastAckRecv >= c.Settings.Proof {
				level = Leak
			}
		}
		f := c.finding(g, level, fmt.Sprintf("waits on %s for %s, which is gone", Plural(len(g.sockets), "connection"), g.where()))
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
			Span(max(s.TCP.LastDataRecv, time.Second)))
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

// seemsDead reports whether the socket is one whose peer seems gone.
func (c *Case) seemsDead(s *socket.Socket) bool {
	return s.State == socket.Established && s.IsTCP() && len(s.Holders) > 0 && s.Remote.IsValid() && c.deadEvidence(s) != ""
}
