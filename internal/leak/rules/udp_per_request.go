package rules

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

func udpPerRequest() leak.Rule {
	return leak.Rule{
		ID: "udp-per-request", Title: "UDP sockets pile up, one for each request", Severity: leak.Leak,
		Doc: leak.Doc{
			Means: "The program opens a UDP socket for each query and does not close it. UDP has no end of stream: " +
				"nothing but close() ends such a socket.",
			Causes: "A client object (DNS, statsd, syslog, SNMP, QUIC) made for each request; a time-out that returns " +
				"without close().",
			Evidence: "UDP sockets of one program, wherever they go, on ephemeral ports. They must only come: opened in both halves of " +
				"eight samples or more, while none that had been left as long was closed. One sample suspects sixty-four that nobody " +
				"waits for.",
			BlindSpot: "A leak that does not grow while it is watched. UDP sockets have no age in the kernel.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "close the socket after the answer or the time-out, or use one for all queries",
			socket.Python:         "with socket.socket(AF_INET, SOCK_DGRAM) as s: ... - or one socket for all queries; asyncio: transport.close()",
			socket.Go:             "defer conn.Close() after net.Dial(\"udp\", ...); share one net.Resolver, one metrics client",
			socket.Node:           "socket.close() after dgram.createSocket, in the message handler and in the time-out",
			socket.Java:           "try (DatagramSocket s = new DatagramSocket()) { ... }",
			socket.Ruby:           "UDPSocket.open { |s| ... } or ensure s.close end",
			socket.DotNet:         "using var udp = new UdpClient(...);",
			socket.Native:         "close(fd) after the answer and after the time-out; res_nclose() for a resolver state of one's own",
			socket.PHP:            "fclose($s) after the answer and after the time-out, or one socket for all queries",
			socket.Erlang:         "gen_udp:close(S) after the answer and in the time-out",
		}},
		Match: func(c *leak.Case, s *socket.Socket) bool {
			return s.IsUDP() && s.Local.Port() != 0 && held(s) && c.Ephemeral(s)
		},
		Spares: []leak.Spare{
			programStopped("stopped/noted.py"),
			usedAgain("udp-per-request/clean.py").InOneLook(leak.No),
			{ID: "replaced", Program: "udp-per-request/clean-churn.py", Means: "others of the kind were closed meanwhile: they are replaced",
				Unknown: "whether they are replaced is not known; try --for 30s",
				Ask:     func(c *leak.Case, g *leak.Group, _ *socket.Socket) leak.Answer { return c.ClosedAsLong(g) }},
			inStep("thread-local/clean.py").InOneLook(leak.No),
			{ID: "watched", Program: "udp-per-request/clean-media.py", Means: "-",
				Unknown: "whether anything is still expected of them is not known: an event loop or a thread waits for them",
				Ask: func(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer {
					if c.Registered(s) == leak.No {
						return leak.No
					}
					return leak.Unknown
				}},
		},
		Grounds: []leak.Proof{
			accumulate("udp-per-request/leaky.py"),
			{ID: "unwaited", Means: "sixty-four or more that nobody waits for", Program: "udp-per-request/leaky.py",
				Ask: func(c *leak.Case, g *leak.Group) leak.Answer {
					n := 0
					for _, s := range g.Sockets {
						if c.Registered(s) == leak.No {
							n++
						}
					}
					return leak.AnswerOf(n >= 4*many)
				}},
		},
		Proofs: []leak.Proof{accumulate("udp-per-request/leaky.py")},
		Say: func(c *leak.Case, g *leak.Group, f *leak.Finding) {
			f.Summary = fmt.Sprintf("holds %s", words.Plural(len(g.Sockets), "UDP socket"))
			if g.Sockets[0].Remote.IsValid() {
				f.Summary += " connected to " + c.Where(f)
			}
			f.Evidence = append(f.Evidence, "each has a port of its own, and nothing but close() ends them")
		},
	}
}
