package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

func deadPeer() leak.Rule {
	return leak.Rule{
		ID: "dead-peer", Title: "the program waits for a peer that is gone, and nothing will tell it", Severity: leak.Leak,
		Doc: leak.Doc{
			Means: "The connection is ESTABLISHED on this side only: the peer vanished without a FIN or a reset. A silent " +
				"connection without keepalive and without a time-out is never ended by TCP; one with data unacknowledged is, " +
				"after tcp_retries2, some 15 minutes.",
			Causes: "A peer that crashed or lost power, a NAT or firewall that forgot the connection, a network that was " +
				"cut; and a read without a time-out on a socket without keepalive.",
			Evidence: "One of three. The peer's address is this machine's own and it has no such connection, while nothing " +
				"has moved for the grace period (5 s): a leak. Data is unacknowledged after six retransmissions or " +
				"more (some 12 s; RFC 6298). Or a thread sleeps in read() or recv() on the socket, no keepalive timer " +
				"is armed, and nothing has moved for the silence period (15 min).",
			BlindSpot: "A silent peer on another machine cannot be told from a dead one: the last two are suspicions. Event " +
				"loops (epoll, poll) show no waiting thread, so there only unacknowledged data tells.",
		},
		Remedy: leak.Remedy{
			Any: leak.Advice{
				socket.RuntimeUnknown: "set a read timeout, or SO_KEEPALIVE with TCP_USER_TIMEOUT, and close when it strikes",
				socket.Python:         "sock.settimeout(30), or SO_KEEPALIVE with TCP_KEEPIDLE/TCP_KEEPINTVL/TCP_KEEPCNT; asyncio: async with asyncio.timeout(30); close in `finally`",
				socket.Go:             "conn.SetReadDeadline(time.Now().Add(...)) before each Read; net.Dialer keeps KeepAlive on unless it is set below 0",
				socket.Node:           "socket.setTimeout(ms, () => socket.destroy()); socket.setKeepAlive(true, 60000)",
				socket.Java:           "socket.setSoTimeout(30000); socket.setKeepAlive(true); JDBC: socketTimeout=30 in the URL",
				socket.Ruby:           "sock.timeout = 30 (3.2+), Net::HTTP#read_timeout; sock.setsockopt(:SOCKET, :KEEPALIVE, true)",
				socket.DotNet:         "ReadAsync(buffer, token) with CancellationTokenSource.CancelAfter; socket.SetSocketOption(Socket, KeepAlive, true)",
				socket.Native:         "setsockopt SO_RCVTIMEO, or SO_KEEPALIVE with TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT and TCP_USER_TIMEOUT",
				socket.PHP:            "stream_set_timeout($s, 30); with ext/sockets SO_KEEPALIVE and TCP_KEEPIDLE",
				socket.Erlang:         "gen_tcp:recv(S, 0, 30000); {keepalive, true} with raw TCP_KEEPIDLE options, {send_timeout, 15000}",
			},
			Operator: "turn on TCP keepalive or the protocol's own heartbeat in its configuration, so that peers that vanish are noticed",
		},
		States: socket.StateSet(socket.Established),
		Match: func(c *leak.Case, s *socket.Socket) bool {
			return s.State == socket.Established && s.IsTCP() && held(s) && s.Remote.IsValid() && deadEvidence(c, s) != ""
		},
		Spares: []leak.Spare{
			programStopped("stopped/noted.py"),
			{ID: "peer-held", Program: "idle-client/clean-pool.py", Means: "a process of this machine holds the other end",
				Unknown: "whether the peer is gone or only silent is not known: it is on another machine",
				Ask: func(_ *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer {
					switch {
					case s.Peer.Held():
						return leak.Yes
					case s.Peer != nil && s.Peer.Gone:
						return leak.No
					case s.Has(socket.HasTCPInfo) && s.SendQ > 0 && s.TCP.LastAckRecv >= unackedProof:
						return leak.No
					}
					return leak.Unknown
				}},
		},
		Proofs: []leak.Proof{{ID: "no-such-peer", Program: "dead-peer/leaky.py",
			Means: "the peer's address is this machine's own and has no such connection, or data was not acknowledged for the proof period",
			Ask:   func(_ *leak.Case, g *leak.Group) leak.Answer { return leak.AnswerOf(len(g.Sockets) > 0) }}},
		Say: func(c *leak.Case, g *leak.Group, f *leak.Finding) {
			s := g.Sockets[0]
			f.Summary = fmt.Sprintf("waits on %s for %s, which does not answer any more", words.Plural(len(g.Sockets), "connection"), c.Where(f))
			f.Evidence = append(f.Evidence, deadEvidence(c, s))
			switch {
			case s.SendQ > 0:
				f.Evidence = append(f.Evidence, "TCP gives up after net.ipv4.tcp_retries2 retransmissions, some 15 minutes")
			case !armed(s):
				blocked := blockedWords(g.Sockets)
				if len(blocked) == 0 {
					blocked = []string{"no keepalive timer is armed: TCP will never notice"}
				}
				f.Evidence = append(f.Evidence, blocked...)
			}
			f.Age.AtLeast = c.Idle(s)
		},
	}
}

// deadRetries is the number of unanswered retransmissions after which a peer
// is likely gone: the sixth goes out after some 12 s at least.
const deadRetries = 6

// unackedProof is for how long nothing must have been acknowledged before a
// peer is said to be gone: longer than any route needs to come back.
const unackedProof = 30 * time.Second

// deadEvidence says why the peer of an ESTABLISHED connection seems gone; ""
// when it does not.
func deadEvidence(c *leak.Case, s *socket.Socket) string {
	retries := max(s.Timer.Retries, s.TCP.Retransmits)
	switch {
	case s.Peer != nil && s.Peer.Gone && c.Idle(s) >= c.Settings.Grace:
		return "the peer's address is this machine's own, and no such connection exists there"
	case s.Peer.Held():
		return ""
	case s.SendQ > 0 && s.Timer.Kind == socket.Retransmit && retries >= deadRetries:
		return fmt.Sprintf("%d bytes are unacknowledged after %d retransmissions", s.SendQ, retries)
	case !armed(s) && s.SendQ == 0 && blockedReader(s) && c.Idle(s) >= c.Settings.Silence:
		return "nothing was received for " + words.Span(max(s.TCP.LastDataRecv, time.Second))
	}
	return ""
}

func armed(s *socket.Socket) bool { return s.Timer.Kind == socket.Keepalive }

// blockedReader reports whether a thread sleeps in a call that reads from
// this socket alone, without end as far as is known: poll and epoll have
// timeouts and other sockets.
func blockedReader(s *socket.Socket) bool {
	return s.Watch != nil && !s.ReadTimeout &&
		slices.ContainsFunc(s.Watch.Threads, func(t socket.ThreadWait) bool { return reads(t.Syscall) })
}

func reads(call string) bool {
	switch call {
	case "read", "readv", "recvfrom", "recvmsg":
		return true
	}
	return false
}

// blockedWords says which threads and goroutines sleep in a call that reads
// from one of the sockets alone, at which lines, and what would wake them.
func blockedWords(list []*socket.Socket) (out []string) {
	n := map[string]int{}
	for _, s := range list {
		if text := blockedText(s); text != "" {
			if n[text]++; n[text] == 1 {
				out = append(out, text)
			}
		}
	}
	for i, text := range out {
		if k := n[text]; k > 1 {
			kind, rest, _ := strings.Cut(text, " ")
			out[i] = words.Plural(k, kind) + " " + rest
		}
	}
	return out[:min(len(out), mostPlaces)]
}

// mostPlaces is how many places in the code a finding names.
const mostPlaces = 3

func blockedText(s *socket.Socket) string {
	if s.Watch == nil || armed(s) {
		return ""
	}
	for i := range s.Watch.Waiters {
		w := &s.Watch.Waiters[i]
		if !reads(w.Call) {
			continue
		}
		text := fmt.Sprintf("%s blocked in %s", w.Kind, w.CallName())
		if at := leak.PlaceWords(w); at != "" {
			text += " at " + at
		}
		text += ", no keepalive"
		if w.TimeoutKnown && w.Timeout == 0 {
			text += ", no deadline"
		}
		return text
	}
	if blockedReader(s) {
		return "thread blocked in " + socket.CallName(s.Watch.Threads[0].Syscall) + ", no keepalive"
	}
	return ""
}
