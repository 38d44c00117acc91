package rules

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

func synSentStuck() leak.Rule {
	return leak.Rule{
		ID: "syn-sent-stuck", Title: "connection attempts that nobody answers", Severity: leak.Leak,
		Doc: leak.Doc{
			Means: "The peer does not answer the SYN, neither with an acknowledgement nor with a reset. The kernel gives " +
				"up after about 130 seconds (tcp_syn_retries); until then each attempt holds a descriptor, and " +
				"perhaps a thread.",
			Causes: "A host that is down, a firewall that drops instead of rejecting, a wrong address; and connect() " +
				"without a time-out.",
			Evidence: "SYN_SENT with three or more unanswered SYNs: the third repetition goes out seven seconds after the " +
				"first (RFC 6298: 1 + 2 + 4 s). Five are a leak, as is growth; fewer are suspected.",
			BlindSpot: "The program may have a time-out that has not struck yet. After 130 s the socket is in state CLOSE: " +
				"see connect-failed.",
		},
		Remedy: leak.Remedy{
			Any: leak.Advice{
				socket.RuntimeUnknown: "set a connect timeout, and close the socket when it passes",
				socket.Python:         "socket.create_connection(address, timeout=5); requests: timeout=(5, 30); asyncio.wait_for(asyncio.open_connection(...), 5)",
				socket.Go:             "net.Dialer{Timeout: 5 * time.Second}, or DialContext with a deadline",
				socket.Node:           "net.connect({..., timeout: 5000}).on('timeout', function () { this.destroy() }); http: AbortSignal.timeout(5000)",
				socket.Java:           "socket.connect(address, 5000); HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5))",
				socket.Ruby:           "Socket.tcp(host, port, connect_timeout: 5); Net::HTTP#open_timeout",
				socket.DotNet:         "ConnectAsync(endpoint, token) with CancelAfter; SocketsHttpHandler.ConnectTimeout",
				socket.Native:         "non-blocking connect() with poll(), or SO_SNDTIMEO / TCP_USER_TIMEOUT / TCP_SYNCNT; close(fd) when it passes",
				socket.PHP:            "stream_socket_client($url, $e, $m, 5) - the fourth argument is the time-out of the connect",
				socket.Erlang:         "gen_tcp:connect(Host, Port, Opts, 5000)",
			},
			Operator: "the destination does not answer: check its address and firewall, and shorten the connect time-out in the configuration",
		},
		States: socket.StateSet(socket.SynSent),
		Match:  func(_ *leak.Case, s *socket.Socket) bool { return s.State == socket.SynSent && s.IsTCP() && held(s) },
		Ripe: func(_ *leak.Case, s *socket.Socket) bool {
			return s.Timer.Retries >= synRetries || s.TCP.Retransmits >= synRetries
		},
		Spares: []leak.Spare{
			programStopped("stopped/noted.py"),
			{ID: "given-up", Program: "syn-sent-stuck/clean.py",
				Means:   "the program gave up others that had waited as long: it has a time-out",
				Unknown: "-",
				Ask: func(c *leak.Case, g *leak.Group, _ *socket.Socket) leak.Answer {
					return leak.AnswerOf(c.ClosedAsLong(g) == leak.Yes)
				}},
		},
		Proofs: []leak.Proof{atLeast(onceMin, "five or more", "syn-sent-stuck/leaky.py"), accumulate("syn-sent-stuck/leaky.py")},
		Say: func(c *leak.Case, g *leak.Group, f *leak.Finding) {
			f.Summary = fmt.Sprintf("waits for an answer from %s on %s", c.Where(f), words.Plural(len(g.Sockets), "socket"))
			f.Evidence = append(f.Evidence, fmt.Sprintf("SYN_SENT, the SYN was repeated %d times", max(g.Sockets[0].Timer.Retries, g.Sockets[0].TCP.Retransmits)))
		},
	}
}

// synRetries is after how many unanswered SYNs an attempt is stuck: the third
// repetition goes out seven seconds after the first (RFC 6298, 1+2+4).
const synRetries = 3
