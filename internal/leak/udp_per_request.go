package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func udpPerRequest() Rule {
	return Rule{
		ID: "udp-per-request", Title: "UDP sockets pile up, one for each request", Severity: Leak,
		Doc: Doc{
			Means: "The program opens a UDP socket for each query and does not close it. UDP has no end of stream: " +
				"nothing but close() ends such a socket.",
			Causes: "A client object (DNS, statsd, syslog, SNMP, QUIC) made for each request; a time-out that returns " +
				"without close().",
			Evidence: "UDP sockets of one process to one place, or without a destination, on ephemeral ports (32768 and " +
				"up). Sixteen are suspected, sixty-four are a leak, as is growth with survivors over the looks.",
			BlindSpot: "A leak below sixteen that does not grow while it is watched. UDP sockets have no age in the kernel.",
			LookAlike: "A server: sockets on ports below 32768 are left out. A resolver or QUIC client that uses some " +
				"sockets in parallel, and closes them. A media server with hundreds of ports is to be ignored by a " +
				"setting with a reason.",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "close the socket after the answer or the time-out, or use one for all queries",
			socket.Python:         "with socket.socket(AF_INET, SOCK_DGRAM) as s: ... - or one socket for all queries; asyncio: transport.close()",
			socket.Go:             "defer conn.Close() after net.Dial(\"udp\", ...); share one net.Resolver, one metrics client",
			socket.Node:           "socket.close() after dgram.createSocket, in the message handler and in the time-out",
			socket.Java:           "try (DatagramSocket s = new DatagramSocket()) { ... }",
			socket.Ruby:           "UDPSocket.open { |s| ... } or ensure s.close end",
			socket.DotNet:         "using var udp = new UdpClient(...);",
			socket.Native:         "close(fd) after the answer and after the time-out; res_nclose() for a resolver state of one's own",
		},
		Want:  (*Case).boundUDP,
		Check: checkUDP,
	}
}

func checkUDP(c *Case, list []*socket.Socket) []Finding {
	var out []Finding
	for _, g := range c.udpGroups(list) {
		level, ok := c.levelByNumber(g, many, 4*many)
		if !ok {
			continue
		}
		f := c.finding(g, level, fmt.Sprintf("holds %s", Plural(len(g.sockets), "UDP socket")))
		if g.remote.IsValid() {
			f.Summary += " connected to " + g.remote.String()
		}
		f.Evidence = append(f.Evidence, "each has a port of its own, and nothing but close() ends them")
		f.Evidence = append(f.Evidence, c.survivalWords(g, f.Trend)...)
		f.Watched = ""
		out = append(out, f)
	}
	return out
}

// udpGroups leaves out the groups that cannot be one socket for each request:
// those whose sockets a server has bound to well-known ports.
func (c *Case) udpGroups(list []*socket.Socket) []group {
	client := list[:0]
	for _, s := range list {
		if !s.Local.IsValid() || s.Local.Port() >= firstEphemeralPort || s.Local.Port() == 0 {
			client = append(client, s)
		}
	}
	return c.groups(client)
}

// boundUDP reports whether the socket is a UDP socket with a port.
func (c *Case) boundUDP(s *socket.Socket) bool {
	return s.IsUDP() && s.Local.Port() != 0 && len(s.Holders) > 0
}
