package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func boundUnused() Rule {
	return Rule{
		ID: "bound-unused", Title: "TCP sockets that are bound to a port, and neither listen nor connect", Severity: Leak,
		Doc: Doc{Means: "The program has bound these sockets to a local port and never called listen() or connect(). Each keeps a descriptor and a port."},
		Remedy: Remedy{
			socket.RuntimeUnknown: "close the socket when what should follow bind() is not reached",
		},
		Check: func(c *Case) []Finding {
			list := c.absent(socket.Bound)
			return c.reports(list, c.Settings.Several, many, func(g group, f *Finding) {
				f.Summary = fmt.Sprintf("holds %s that are bound and unused", plural(len(g.sockets), "TCP socket"))
				f.Evidence = []string{fmt.Sprintf("bound (the first to %s), neither listening nor connected", g.sockets[0].Local)}
			})
		},
	}
}
