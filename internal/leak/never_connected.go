package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func neverConnected() Rule {
	return Rule{
		ID: "never-connected", Title: "TCP sockets that are in no table: never connected, or failed and not closed", Severity: Leak,
		Doc: Doc{Means: "The program holds TCP sockets that are neither bound, connected nor listening. Each takes a descriptor and can do nothing."},
		Remedy: Remedy{
			socket.RuntimeUnknown: "close sockets that were created and not used, above all when connect() fails and the attempt is repeated",
		},
		Check: func(c *Case) []Finding {
			return c.reports(c.absent(socket.Unattached, socket.NotInTable), onceMin, many, func(g group, f *Finding) {
				f.Summary = fmt.Sprintf("holds %s that are not connected to anything", plural(len(g.sockets), "TCP socket"))
				f.Evidence = []string{g.sockets[0].Presence.String()}
			})
		},
	}
}
