package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func resetNotClosed() Rule {
	return Rule{
		ID: "reset-not-closed", Title: "the connection was reset or timed out, and close() never followed", Severity: Leak,
		Doc: Doc{Means: "The connection is over: the peer or the kernel has ended it. Only the descriptor is left. Old CLOSE_WAIT leaks become this when keepalive finds that the peer is gone."},
		Remedy: Remedy{
			socket.RuntimeUnknown: "close the socket on every error: ECONNRESET, EPIPE and ETIMEDOUT do not close it",
		},
		Check: checkReset,
	}
}

// checkReset accuses connections that the program accepted, and those that it
// opened when they grow in number: a pool keeps what a restarted server has
// reset until it next borrows it.
func checkReset(c *Case) []Finding {
	accepted := func(s *socket.Socket) bool { return c.Accepted(s) }
	list := c.absent(socket.Reset, socket.Finished)
	old := list[:0]
	for _, s := range list {
		if !s.Has(socket.HasTCPInfo) || min(s.TCP.LastAckRecv, s.TCP.LastDataRecv) >= c.Settings.Grace {
			old = append(old, s)
		}
	}
	out := c.reports(old, 2, c.Settings.Several, func(g group, f *Finding) {
		f.Summary = fmt.Sprintf("holds %s whose connection to %s is over", plural(len(g.sockets), "socket"), g.where())
		f.Evidence = []string{"state CLOSE and in no table: the connection was reset, timed out or was shut down by both sides; the descriptor is still open"}
		if !accepted(g.sockets[0]) && !f.Trend.Growing && !c.usedOnce(g.sockets) {
			f.Level = Suspect
			f.Evidence = append(f.Evidence, "a connection pool looks like this until it next borrows the connection")
		}
	})
	return out
}
