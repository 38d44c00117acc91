package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func connectFailed() Rule {
	return Rule{
		ID: "connect-failed", Title: "connect() failed, and the socket was never closed", Severity: Leak,
		Doc: Doc{Means: "The program tried to connect these sockets, the attempt failed, and the descriptors are still open. ss does not show them: they are in no kernel table."},
		Remedy: Remedy{
			socket.RuntimeUnknown: "close the socket when connect() fails, before the next attempt",
		},
		Check: func(c *Case) []Finding {
			return c.reports(c.absent(socket.ConnectFailed), 2, c.Settings.Several, func(g group, f *Finding) {
				f.Summary = fmt.Sprintf("holds %s whose connect() failed", plural(len(g.sockets), "socket"))
				f.Evidence = []string{"in state CLOSE and in no table, with sequence numbers of an attempt to connect"}
			})
		},
	}
}
