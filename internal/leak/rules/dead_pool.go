package rules

import (
	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

func deadPool() leak.Rule {
	return leak.Rule{
		ID: "dead-pool", Title: "a connection pool keeps connections that the server has closed", Severity: leak.Suspect,
		Via: "close-wait-eof-unread",
		Doc: leak.Doc{
			Means: "The server has closed idle connections that the program keeps for later. The next use of one fails, " +
				"or the pool notices and drops it then.",
			Causes: "The pool's idle time-out is longer than the server's keep-alive, and nothing tests idle connections " +
				"in between; or a pool that is no longer used was not closed.",
			Evidence: "At least two connections that the program opened, in CLOSE_WAIT for at least the grace period (5 s), with " +
				"the end unread: recv-q 1 is the FIN alone, 24, 25, 32, 58 and 70 are a TLS close_notify and the FIN. They are " +
				"not known to have been used more than once, and do not accumulate.",
			BlindSpot: "A leak that does not grow while it is watched looks the same. It is therefore never more than a " +
				"suspicion; a longer scan (--for) shows growth.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "let the pool's idle time-out be shorter than the server's keep-alive, and let it test or evict idle connections",
			socket.Python:         "with requests.Session() as s: ... - urllib3 drops dead connections only when it borrows them; close sessions that are no longer used",
			socket.Go:             "net/http closes idle connections by itself at their EOF: this is an unclosed body, defer resp.Body.Close(); other pools: SetConnMaxIdleTime below the server's",
			socket.Node:           "new http.Agent({keepAlive: true, timeout: ...}) below the server's keepAliveTimeout; agent.destroy() when it is no longer used",
			socket.Java:           "PoolingHttpClientConnectionManager.setValidateAfterInactivity, evictIdleConnections(...); HikariCP: maxLifetime below the server's time-out",
			socket.Ruby:           "http.finish when done, Net::HTTP#keep_alive_timeout below the server's; ActiveRecord: idle_timeout and reaping_frequency",
			socket.DotNet:         "new SocketsHttpHandler { PooledConnectionIdleTimeout = ... } below the server's keep-alive; share one HttpClient",
			socket.Native:         "curl_multi / pool: CURLOPT_MAXAGE_CONN below the server's keep-alive; test with recv(MSG_PEEK | MSG_DONTWAIT) before use",
			socket.PHP:            "close persistent streams between jobs, or reconnect when feof() says so",
			socket.Erlang:         "hackney_pool / poolboy: a checkout must test the connection; set the pool's idle time-out below the server's",
		}},
	}
}
