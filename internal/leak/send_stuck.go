package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func sendStuck() Rule {
	return Rule{
		ID: "send-stuck", Title: "the send queue is stuck on a peer that does not read", Severity: Leak,
		Doc: Doc{
			Means: "The peer's receive window is zero: it has stopped reading. What the program sends stays in its own " +
				"queue, and a blocking send() waits for ever.",
			Causes: "A write without a time-out to a client that is stopped, suspended or overloaded; or two programs " +
				"that both send before they read.",
			Evidence: "send-q above 0 and the zero-window probe timer (idiag_timer 4, tcp_send_probe0) for which the last " +
				"data went out at least the grace period (5 s) ago; without tcp_info, six probes. It is a leak from " +
				"several (3) connections, or when one was seen so for proof (30 s).",
			BlindSpot: "The fault is often the peer's: sockleak judges the program that was asked for, whose part is the " +
				"missing time-out. A peer that reads a little now and then starts the clock anew.",
			LookAlike: "A slow reader whose window opens again: then data goes out, and the timer is gone. A send queue that " +
				"is merely full has the retransmit timer, not the persist timer.",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "set a write timeout (SO_SNDTIMEO, TCP_USER_TIMEOUT), and close the connection when it strikes",
			socket.Python:         "sock.settimeout(30) covers sendall(); asyncio: async with asyncio.timeout(30): await writer.drain(), then writer.close()",
			socket.Go:             "conn.SetWriteDeadline(time.Now().Add(...)) before each Write; http.Server{WriteTimeout: ...}",
			socket.Node:           "if (!socket.write(data)) wait for 'drain', with socket.setTimeout(ms, () => socket.destroy())",
			socket.Java:           "NIO or a watchdog that closes: SO_TIMEOUT covers reads only; Netty: WriteTimeoutHandler",
			socket.Ruby:           "write_nonblock with IO.select(nil, [sock], nil, 30); sock.close when it returns nil; Net::HTTP#write_timeout",
			socket.DotNet:         "socket.SendTimeout, or WriteAsync with a CancellationToken; Kestrel: MinResponseDataRate",
			socket.Native:         "setsockopt SO_SNDTIMEO and TCP_USER_TIMEOUT; close(fd) on EAGAIN or ETIMEDOUT",
		},
		States: socket.StateSet(socket.Established, socket.CloseWait),
		Want:   (*Case).stuckSending,
		Check:  checkSendStuck,
	}
}

// sendProbes is after how many zero-window probes a peer is called stuck: the
// sixth goes out some 12 s after the window closed (tcp_send_probe0 doubles
// the interval, which begins at 200 ms or more).
const sendProbes = 6

func checkSendStuck(c *Case, list []*socket.Socket) []Finding {
	var out []Finding
	for _, g := range c.groups(list) {
		level := Suspect
		if len(g.sockets) >= c.Settings.Several || c.older(g.sockets, c.Settings.Proof) > 0 {
			level = Leak
		}
		f := c.finding(g, level, fmt.Sprintf("cannot send on %s: %s stopped reading", Plural(len(g.sockets), "connection"), g.where()))
		s := g.sockets[0]
		f.Age.AtLeast = c.Idle(s)
		f.Evidence = append(f.Evidence, fmt.Sprintf("%d bytes wait in the send queue, %d zero-window probes were sent", s.SendQ, s.Timer.Retries))
		f.Evidence = appendWords(f.Evidence, c.ends(g.sockets).words())
		out = append(out, f)
	}
	return out
}

func (c *Case) stuckFor(s *socket.Socket) bool {
	if s.Has(socket.HasTCPInfo) {
		return s.TCP.LastDataSent >= c.Settings.Grace
	}
	return s.Timer.Retries >= sendProbes
}

// stuckSending reports whether the socket cannot send.
func (c *Case) stuckSending(s *socket.Socket) bool {
	return s.IsTCP() && len(s.Holders) > 0 && s.SendQ > 0 && s.Timer.Kind == socket.Persist &&
		(s.State == socket.Established || s.State == socket.CloseWait) && c.stuckFor(s)
}
