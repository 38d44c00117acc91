package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func deadPool() Rule {
	return Rule{
		ID: "dead-pool", Title: "a connection pool keeps connections that the server has closed", Severity: Suspect,
		Doc: Doc{Means: "The server has closed idle connections that the program keeps for later. The next use of one fails, or the pool drops it then."},
		Remedy: Remedy{
			socket.RuntimeUnknown: "let the pool's idle time-out be shorter than the server's keep-alive, and let it test or evict idle connections",
			socket.Java:           "PoolingHttpClientConnectionManager.setValidateAfterInactivity, IdleConnectionEvictor; HikariCP: maxLifetime below the server's timeout",
			socket.Go:             "http.Transport.IdleConnTimeout below the server's keep-alive",
			socket.Python:         "requests/urllib3 drop dead connections when they borrow them: close the Session when it is no longer used",
		},
		Check: checkDeadPool,
	}
}

// checkDeadPool takes the connections that the program opened, that the
// server closed, and whose end nobody has read, unless their number grows or
// they show the pattern of single use: those are leaks, for a later rule.
func checkDeadPool(c *Case) []Finding {
	list := c.closeWaits(func(q uint32) bool { return q == 1 || closeNotify(q) })
	var out []Finding
	for _, g := range c.groups(list) {
		s := g.sockets[0]
		if c.Accepted(s) || len(g.sockets) < 2 || c.trend(g).Growing || c.usedOnce(g.sockets) {
			continue
		}
		f := c.finding(g, Suspect, fmt.Sprintf("keeps %s that %s closed", plural(len(g.sockets), "pooled connection"), g.where()))
		f.Evidence = append(f.Evidence, fmt.Sprintf("the end of the stream lies unread (recv-q %d), and their number does not grow", s.RecvQ))
		f.Evidence = c.unreadEvidence(f.Evidence, g)
		out = append(out, f)
	}
	return out
}
