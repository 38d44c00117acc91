package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func synSentStuck() Rule {
	return Rule{
		ID: "syn-sent-stuck", Title: "connection attempts that nobody answers", Severity: Leak,
		Doc: Doc{
			Means: "The peer does not answer the SYN, neither with an acknowledgement nor with a reset. The kernel gives " +
				"up after about 130 seconds (tcp_syn_retries); until then each attempt holds a descriptor, and " +
				"perhaps a thread.",
			Causes: "A host that is down, a firewall that drops instead of rejecting, a wrong address; and connect() " +
				"without a time-out.",
			Evidence: "SYN_SENT with three or more unanswered SYNs: the third repetition goes out seven seconds after the " +
				"first (RFC 6298: 1 + 2 + 4 s). Five to one place are a leak, as is growth; fewer are suspected.",
			BlindSpot: "The program may have a time-out that has not struck yet. After 130 s the socket is in state CLOSE: " +
				"see connect-failed.",
			LookAlike: "One attempt at a slow host. A refused connection is answered at once and never gets here.",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "set a connect timeout, and close the socket when it passes",
			socket.Python:         "socket.create_connection(address, timeout=5); requests: timeout=(5, 30); asyncio.wait_for(asyncio.open_connection(...), 5)",
			socket.Go:             "net.Dialer{Timeout: 5 * time.Second}, or DialContext with a deadline",
			socket.Node:           "net.connect({..., timeout: 5000}).on('timeout', function () { this.destroy() }); http: AbortSignal.timeout(5000)",
			socket.Java:           "socket.connect(address, 5000); HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5))",
			socket.Ruby:           "Socket.tcp(host, port, connect_timeout: 5); Net::HTTP#open_timeout",
			socket.DotNet:         "ConnectAsync(endpoint, token) with CancelAfter; SocketsHttpHandler.ConnectTimeout",
			socket.Native:         "non-blocking connect() with poll(), or SO_SNDTIMEO / TCP_USER_TIMEOUT / TCP_SYNCNT; close(fd) when it passes",
		},
		States: socket.StateSet(socket.SynSent),
		Want:   (*Case).unanswered,
		Check:  checkSynSent,
	}
}

// synRetries is after how many unanswered SYNs an attempt is stuck: the third
// repetition goes out seven seconds after the first (RFC 6298, 1+2+4).
const synRetries = 3

func checkSynSent(c *Case, list []*socket.Socket) []Finding {
	var out []Finding
	for _, g := range c.groups(list) {
		level := Suspect
		if len(g.sockets) >= onceMin || c.trend(g).Growing {
			level = Leak
		}
		f := c.finding(g, level, fmt.Sprintf("waits for an answer from %s on %s", g.where(), Plural(len(g.sockets), "socket")))
		f.Evidence = append(f.Evidence, fmt.Sprintf("SYN_SENT, the SYN was repeated %d times", max(g.sockets[0].Timer.Retries, g.sockets[0].TCP.Retransmits)))
		out = append(out, f)
	}
	return out
}

// unanswered reports whether the socket has repeated its SYN in vain.
func (c *Case) unanswered(s *socket.Socket) bool {
	return s.State == socket.SynSent && s.IsTCP() && len(s.Holders) > 0 &&
		(s.Timer.Retries >= synRetries || s.TCP.Retransmits >= synRetries)
}
