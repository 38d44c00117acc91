package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func udpPerRequest() Rule {
	return Rule{
		ID: "udp-per-request", Title: "UDP sockets pile up, one for each request", Severity: Leak,
		Doc: Doc{Means: "The program opens a UDP socket for each query and does not close it. UDP has no end of stream: nothing but close() ends such a socket."},
		Remedy: Remedy{
			socket.RuntimeUnknown: "close the socket after the answer or the time-out, or use one for all queries",
		},
		Check: checkUDP,
	}
}

func checkUDP(c *Case) []Finding {
	list := c.Open(func(s *socket.Socket) bool { return s.IsUDP() && len(s.Holders) > 0 })
	var out []Finding
	for _, g := range c.udpGroups(list) {
		level, ok := c.levelByNumber(g, many, 4*many)
		if !ok {
			continue
		}
		f := c.finding(g, level, fmt.Sprintf("holds %s", plural(len(g.sockets), "UDP socket")))
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
