package rules

import (
	"fmt"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

func sendStuck() leak.Rule {
	return leak.Rule{
		ID: "send-stuck", Title: "the send queue is stuck on a peer that does not read", Severity: leak.Leak,
		Doc: leak.Doc{
			Means: "The peer's receive window is zero: it has stopped reading. What the program sends stays in its own " +
				"queue, and a send() without a time-out blocks for as long.",
			Causes: "A write without a time-out to a client that is stopped, suspended or overloaded; or two programs " +
				"that both send before they read.",
			Evidence: "send-q above 0 and the zero-window probe timer (idiag_timer 4, tcp_send_probe0) for which the last " +
				"data went out at least half the proof period (15 s) ago, as a client that reads at a limited rate takes its pauses; " +
				"without tcp_info, six probes.",
			BlindSpot: "The fault is often the peer's: sockleak judges the program that was asked for, whose part is the " +
				"missing time-out. A player that has paused looks the same for a minute. A peer that reads a little now and then starts the clock again.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "set a write timeout (SO_SNDTIMEO, TCP_USER_TIMEOUT), and close the connection when it strikes",
			socket.Python:         "sock.settimeout(30) covers sendall(); asyncio: async with asyncio.timeout(30): await writer.drain(), then writer.close()",
			socket.Go:             "conn.SetWriteDeadline(time.Now().Add(...)) before each Write; http.Server{WriteTimeout: ...}",
			socket.Node:           "if (!socket.write(data)) wait for 'drain', with socket.setTimeout(ms, () => socket.destroy())",
			socket.Java:           "NIO or a watchdog that closes: SO_TIMEOUT covers reads only; Netty: WriteTimeoutHandler",
			socket.Ruby:           "write_nonblock with IO.select(nil, [sock], nil, 30); sock.close when it returns nil; Net::HTTP#write_timeout",
			socket.DotNet:         "socket.SendTimeout, or WriteAsync with a CancellationToken; Kestrel: MinResponseDataRate",
			socket.Native:         "setsockopt SO_SNDTIMEO and TCP_USER_TIMEOUT; close(fd) on EAGAIN or ETIMEDOUT",
			socket.PHP:            "stream_set_timeout() bounds reads only: use stream_set_blocking(false) and give up after a time-out",
			socket.Erlang:         "{send_timeout, 15000}, {send_timeout_close, true}",
		}},
		States: socket.StateSet(socket.Established, socket.CloseWait),
		Match: func(_ *leak.Case, s *socket.Socket) bool {
			return s.IsTCP() && held(s) && cannotSend(s)
		},
		Ripe: func(c *leak.Case, s *socket.Socket) bool {
			if s.Has(socket.HasTCPInfo) {
				return stuckFor(c, s) >= c.Settings.Proof/2
			}
			return s.Timer.Retries >= sendProbes
		},
		Spares: []leak.Spare{
			programStopped("stopped/noted.py"),
			{ID: "reads-again", Program: "send-stuck/clean.py",
				Means:   "the peer took data between two samples: it reads slowly",
				Unknown: "whether the peer reads slowly is not known; try --for 30s",
				Ask: func(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer {
					if len(c.Looks()) < 2 && stuckFor(c, s) >= c.Settings.Ripe() {
						return leak.No // data goes out as soon as a window opens
					}
					return c.UsedAgain(s)
				}},
		},
		Proofs: []leak.Proof{
			{ID: "long", Program: "send-stuck/leaky.py",
				Means: "several have been so for twice the proof period, or one for five minutes",
				Ask: func(c *leak.Case, g *leak.Group) leak.Answer {
					return leak.AnswerOf(older(c, g, stuckFor, 2*c.Settings.Proof) >= c.Settings.Several || older(c, g, stuckFor, leak.Patience) > 0)
				}},
			accumulate("send-stuck/leaky.py"),
		},
		Say: func(c *leak.Case, g *leak.Group, f *leak.Finding) {
			s := g.Sockets[0]
			f.Summary = fmt.Sprintf("cannot send on %s: %s stopped reading", words.Plural(len(g.Sockets), "connection"), c.Where(f))
			f.Age.AtLeast = c.Idle(s)
			text := fmt.Sprintf("%d bytes wait in the send queue", s.SendQ)
			if s.Timer.Retries > 0 {
				text += fmt.Sprintf(", %d zero-window probes were sent", s.Timer.Retries)
			}
			f.Evidence = append(f.Evidence, text)
			f.Evidence = leak.AppendWords(f.Evidence, c.EndsWords(g.Sockets))
		},
	}
}

// sendProbes is after how many zero-window probes a peer is called stuck: the
// sixth goes out some 12 s after the window closed (tcp_send_probe0 doubles
// the interval, which begins at 200 ms or more).
const sendProbes = 6

// cannotSend reports whether data waits for a window that the peer has closed
// (the persist timer of RFC 9293, 3.8.6.1).
func cannotSend(s *socket.Socket) bool { return s.SendQ > 0 && s.Timer.Kind == socket.Persist }

func stuckFor(c *leak.Case, s *socket.Socket) time.Duration {
	if s.Has(socket.HasTCPInfo) {
		return s.TCP.LastDataSent
	}
	return c.Idle(s)
}
