package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func sendStuck() Rule {
	return Rule{
		ID: "send-stuck", Title: "the send queue is stuck on a peer that does not read", Severity: Leak,
		Doc: Doc{Means: "The peer's receive window is zero: it has stopped reading. What the program sends stays in its own queue, and a blocking send() waits for ever."},
		Remedy: Remedy{
			socket.RuntimeUnknown: "set a write timeout (SO_SNDTIMEO, TCP_USER_TIMEOUT) and close the connection when it strikes",
			socket.Python:         "sock.settimeout(...) covers sendall(); asyncio: await writer.drain() under asyncio.timeout, then close",
			socket.Go:             "conn.SetWriteDeadline before each write; http.Server.WriteTimeout",
		},
		Check: checkSendStuck,
	}
}

// sendProbes is after how many zero-window probes a peer is called stuck: the
// sixth goes out some 12 s after the window closed (tcp_send_probe0 doubles
// the interval, which begins at 200 ms or more).
const sendProbes = 6

func checkSendStuck(c *Case) []Finding {
	list := c.Open(func(s *socket.Socket) bool {
		return s.IsTCP() && len(s.Holders) > 0 && s.SendQ > 0 && s.Timer.Kind == socket.Persist &&
			(s.State == socket.Established || s.State == socket.CloseWait) && c.stuckFor(s)
	})
	var out []Finding
	for _, g := range c.groups(list) {
		level := Suspect
		if len(g.sockets) >= c.Settings.Several || c.older(g.sockets, c.Settings.Proof) > 0 {
			level = Leak
		}
		f := c.finding(g, level, fmt.Sprintf("cannot send on %s: %s stopped reading", plural(len(g.sockets), "connection"), g.where()))
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
