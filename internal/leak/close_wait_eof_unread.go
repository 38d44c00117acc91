package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func closeWaitEOFUnread() Rule {
	return Rule{
		ID: "close-wait-eof-unread", Title: "the peer closed, and the program has not looked since", Severity: Leak,
		Doc: Doc{Means: "The other side has closed the connection, and nothing has read from the socket since: the end of the stream lies unread."},
		Remedy: Remedy{
			socket.RuntimeUnknown: "close the socket when its use ends, also after an error; let pools drop idle connections before the server does",
			socket.Python:         "close in `finally`, or use `with`; close sessions and pools that are no longer used",
		},
		Check: checkEOFUnread,
	}
}

func checkEOFUnread(c *Case) []Finding {
	var out []Finding
	for _, g := range c.groups(c.closeWaits(func(q uint32) bool { return q == 1 })) {
		f := c.finding(g, c.unreadLevel(g), fmt.Sprintf("holds %s that %s closed", plural(len(g.sockets), "socket"), g.where()))
		f.Evidence = append(f.Evidence, "the peer's FIN lies unread (recv-q 1): nobody has read since")
		f.Evidence = c.unreadEvidence(f.Evidence, g)
		out = append(out, f)
	}
	return out
}
