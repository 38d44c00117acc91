package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func unixPeerGone() Rule {
	return Rule{
		ID: "unix-peer-gone", Title: "UNIX connections whose other end is closed", Severity: Leak,
		Doc: Doc{Means: "The process at the other end of these UNIX sockets has closed them or ended. The program still has its descriptors open."},
		Remedy: Remedy{
			socket.RuntimeUnknown: "close the socket when read() returns 0 or write() fails with EPIPE",
		},
		Check: checkUnixPeerGone,
	}
}

func checkUnixPeerGone(c *Case) []Finding {
	list := c.Open(func(s *socket.Socket) bool {
		return s.Family == socket.Unix && s.UnixInfo != nil && s.UnixInfo.PeerGone && len(s.Holders) > 0 &&
			(len(c.Looks()) == 1 || c.Age(s).AtLeast >= c.Settings.Grace)
	})
	var out []Finding
	for _, g := range c.groups(list) {
		level := Suspect
		if len(g.sockets) >= c.Settings.Several || c.trend(g).Growing || c.older(g.sockets, c.Settings.Proof) > 0 {
			level = Leak
		}
		f := c.finding(g, level, fmt.Sprintf("holds %s whose other end is closed", plural(len(g.sockets), "UNIX socket")))
		f.Evidence = append(f.Evidence, "the kernel knows no peer of a socket that was connected")
		if path := g.sockets[0].UnixInfo.Path; path != "" {
			f.Evidence = append(f.Evidence, "bound to "+path)
		}
		out = append(out, f)
	}
	return out
}
