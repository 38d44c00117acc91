package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func deadPool() Rule {
	return Rule{
		ID: "dead-pool", Title: "a connection pool keeps connections that the server has closed", Severity: Suspect,
		Doc: Doc{
			Means: "The server has closed idle connections that the program keeps for later. The next use of one fails, " +
				"or the pool notices and drops it then.",
			Causes: "The pool's idle time-out is longer than the server's keep-alive, and nothing tests idle connections " +
				"in between; or a pool that is no longer used was not closed.",
			Evidence: "At least two connections that the program opened to one destination, in CLOSE_WAIT for at least the " +
				"grace period (5 s), with the end unread: recv-q 1 is the FIN alone, 24, 25, 32, 58 and 70 are a TLS " +
				"close_notify and the FIN. Their number does not grow over the looks, and they were not used once " +
				"each, one after another.",
			BlindSpot: "A leak that does not grow while it is watched looks the same. It is therefore never more than a " +
				"suspicion; a longer look (--for) shows growth.",
			LookAlike: "The pool itself is healthy: this is how requests, urllib3, Apache HttpClient and database pools look " +
				"between two uses. It never fails a build.",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "let the pool's idle time-out be shorter than the server's keep-alive, and let it test or evict idle connections",
			socket.Python:         "with requests.Session() as s: ... - urllib3 drops dead connections only when it borrows them; close sessions that are no longer used",
			socket.Go:             "http.Transport{IdleConnTimeout: ...} below the server's keep-alive; client.CloseIdleConnections() when done; sql.DB.SetConnMaxIdleTime",
			socket.Node:           "new http.Agent({keepAlive: true, timeout: ...}) below the server's keepAliveTimeout; agent.destroy() when it is no longer used",
			socket.Java:           "PoolingHttpClientConnectionManager.setValidateAfterInactivity, evictIdleConnections(...); HikariCP: maxLifetime below the server's time-out",
			socket.Ruby:           "http.finish when done, Net::HTTP#keep_alive_timeout below the server's; ActiveRecord: idle_timeout and reaping_frequency",
			socket.DotNet:         "new SocketsHttpHandler { PooledConnectionIdleTimeout = ... } below the server's keep-alive; share one HttpClient",
			socket.Native:         "curl_multi / pool: CURLOPT_MAXAGE_CONN below the server's keep-alive; test with recv(MSG_PEEK | MSG_DONTWAIT) before use",
		},
		States: socket.StateSet(socket.CloseWait),
		Want:   closeWaits(func(q uint32) bool { return q == 1 || closeNotify(q) }),
		Check:  checkDeadPool,
	}
}

// checkDeadPool takes the connections that the program opened, that the
// server closed, and whose end nobody has read, unless their number grows or
// they show the pattern of single use: those are leaks, for a later rule.
func checkDeadPool(c *Case, list []*socket.Socket) []Finding {
	var out []Finding
	for _, g := range c.groups(list) {
		s := g.sockets[0]
		if c.Accepted(s) || len(g.sockets) < 2 || c.trend(g).Growing || c.usedOnce(g.sockets) {
			continue
		}
		f := c.finding(g, Suspect, fmt.Sprintf("keeps %s that %s closed", Plural(len(g.sockets), "pooled connection"), g.where()))
		f.Evidence = append(f.Evidence, fmt.Sprintf("the end of the stream lies unread (recv-q %d)", s.RecvQ))
		if len(c.Looks()) >= minLooks {
			f.Evidence = append(f.Evidence, "their number does not grow")
		}
		f.Evidence = c.unreadEvidence(f.Evidence, g)
		out = append(out, f)
	}
	return out
}
