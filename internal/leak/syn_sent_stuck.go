package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func synSentStuck() Rule {
	return Rule{
		ID: "syn-sent-stuck", Title: "connection attempts that nobody answers", Severity: Leak,
		Doc: Doc{Means: "The peer does not answer the SYN, neither with an acknowledgement nor with a reset. The kernel gives up after about 130 seconds; until then each attempt holds a descriptor, and perhaps a thread."},
		Remedy: Remedy{
			socket.RuntimeUnknown: "set a connect timeout, and close the socket when it passes",
			socket.Python:         "socket.create_connection(address, timeout=...); asyncio.wait_for around open_connection",
		},
		Check: checkSynSent,
	}
}

// synRetries is after how many unanswered SYNs an attempt is stuck: the third
// repetition goes out seven seconds after the first (RFC 6298, 1+2+4).
const synRetries = 3

func checkSynSent(c *Case) []Finding {
	list := c.Open(func(s *socket.Socket) bool {
		return s.State == socket.SynSent && s.IsTCP() && len(s.Holders) > 0 &&
			(s.Timer.Retries >= synRetries || s.TCP.Retransmits >= synRetries)
	})
	var out []Finding
	for _, g := range c.groups(list) {
		level := Suspect
		if len(g.sockets) >= onceMin || c.trend(g).Growing {
			level = Leak
		}
		f := c.finding(g, level, fmt.Sprintf("waits for an answer from %s on %s", g.where(), plural(len(g.sockets), "socket")))
		f.Evidence = append(f.Evidence, fmt.Sprintf("SYN_SENT, the SYN was repeated %d times", max(g.sockets[0].Timer.Retries, g.sockets[0].TCP.Retransmits)))
		out = append(out, f)
	}
	return out
}
