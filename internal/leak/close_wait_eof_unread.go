package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func closeWaitEOFUnread() Rule {
	return Rule{
		ID: "close-wait-eof-unread", Title: "the peer closed, and the program has not looked since", Severity: Leak,
		Doc: Doc{
			Means: "The other side has closed the connection, and nothing has read from the socket since: the end of the " +
				"stream lies unread.",
			Causes: "The program has lost interest without closing: a session for each request, a response body that is " +
				"never closed, a reference that delays the real close (Python's makefile(), a reference cycle), a " +
				"handler that died.",
			Evidence: "CLOSE_WAIT for at least the grace period (5 s) with recv-q 1: the FIN alone (tcp_fin in " +
				"net/ipv4/tcp_input.c). Accepted connections become a leak by age, as with close-wait-eof-read: no " +
				"pool holds those. Connections that the program opened need growth over the looks, or the pattern of " +
				"single use: the order in which they were made is the order of their last use.",
			BlindSpot: "In one look a client's leak of fewer than five connections cannot be told from its pool, and stays a " +
				"suspicion; --for shows growth.",
			LookAlike: "An idle connection pool (see dead-pool). An accepted connection whose thread is at work for a client " +
				"that gave up: while there are as many such threads as connections it gets until proof (30 s).",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "close the socket when its use ends, also after an error; let pools drop idle connections before the server does",
			socket.Python:         "close in `finally`, or use `with`: sock.close() waits for every makefile() object, and a cycle for the garbage collector; close those too",
			socket.Go:             "defer resp.Body.Close() as soon as err == nil; one shared http.Client; rows.Close() for database/sql",
			socket.Node:           "socket.on('error', () => socket.destroy()); one shared http.Agent, agent.destroy() at the end",
			socket.Java:           "try (Connection c = pool.getConnection()) { ... } - the finalizer does not close in time; evict idle connections from pools",
			socket.Ruby:           "http.finish or the block form Net::HTTP.start { }; sock.close in `ensure`",
			socket.DotNet:         "using / await using on TcpClient, NetworkStream and HttpResponseMessage; one shared HttpClient",
			socket.Native:         "close(fd) on every path that drops the connection, error paths first",
		},
		States: socket.StateSet(socket.CloseWait),
		Want:   closeWaits(func(q uint32) bool { return q == 1 }),
		Check:  checkEOFUnread,
	}
}

func checkEOFUnread(c *Case, list []*socket.Socket) []Finding {
	var out []Finding
	for _, g := range c.groups(list) {
		f := c.finding(g, c.unreadLevel(g), fmt.Sprintf("holds %s that %s closed", Plural(len(g.sockets), "socket"), g.where()))
		f.Evidence = append(f.Evidence, "the peer's FIN lies unread (recv-q 1): nobody has read since")
		f.Evidence = c.unreadEvidence(f.Evidence, g)
		out = append(out, f)
	}
	return out
}
