package rules

import (
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

func closeWaitEOFUnread() leak.Rule {
	return leak.Rule{
		ID: "close-wait-eof-unread", Title: "the peer closed, and the program has not looked since", Severity: leak.Leak, Stage: true,
		Doc: leak.Doc{
			Means: "The other side has closed the connection, and nothing has read from the socket since: the end of the " +
				"stream lies unread.",
			Causes: "The program has lost interest without closing: a session for each request, a response body that is " +
				"never closed, a reference that delays the real close (Python's makefile(), a reference cycle), a " +
				"handler that died.",
			Evidence: "CLOSE_WAIT with recv-q 1: the FIN alone (tcp_fin in net/ipv4/tcp_input.c). Accepted connections are proven " +
				"as close-wait-eof-read is: no pool holds those. Connections that the program opened are judged here, " +
				"whatever is unread: one sample never proves them, since a pool looks the same until it next borrows the " +
				"connection; that they only accumulate does.",
			BlindSpot: "A client's leak that does not grow while it is watched cannot be told from its pool, and stays a " +
				"suspicion, unless the end was read.",
		},
		Remedy: leak.Remedy{
			Any: leak.Advice{
				socket.RuntimeUnknown: "close the socket when its use ends, also after an error; let pools drop idle connections before the server does",
				socket.Python:         "close in `finally`, or use `with`: sock.close() waits for every makefile() object, and a cycle for the garbage collector; close those too",
				socket.Go:             "defer resp.Body.Close() as soon as err == nil; one shared http.Client; rows.Close() for database/sql",
				socket.Node:           "socket.on('error', () => socket.destroy()); one shared http.Agent, agent.destroy() at the end",
				socket.Java:           "try (Connection c = pool.getConnection()) { ... } - the finalizer does not close in time; evict idle connections from pools",
				socket.Ruby:           "http.finish or the block form Net::HTTP.start { }; sock.close in `ensure`",
				socket.DotNet:         "using / await using on TcpClient, NetworkStream and HttpResponseMessage; one shared HttpClient",
				socket.Native:         "close(fd) on every path that drops the connection, error paths first",
				socket.PHP:            "fclose($stream) or unset() every reference after each job: a long-running worker keeps what an array still refers to",
				socket.Erlang:         "gen_tcp:close(S), hackney:close(Ref): a connection lives as long as its owning process",
			},
			Accepted: leak.Advice{
				socket.RuntimeUnknown: "close the connection on every path of its handler, also after an exception and when the client gives up",
				socket.Python:         "close in `finally`, or `with conn:`, around the whole handler: an exception must not leave the accepted socket open",
				socket.Go:             "defer conn.Close() as the first line of the handler; set read deadlines so that a client that has gone is noticed",
				socket.Node:           "socket.on('error', () => socket.destroy()); resume() or destroy() what was paused, so that 'end' is delivered",
				socket.Java:           "try (Socket s = server.accept()); Netty: with autoRead off call ctx.read() or ctx.close(), else the client's FIN is never seen",
				socket.Ruby:           "ensure client.close end around the handler",
				socket.DotNet:         "using TcpClient c = await listener.AcceptTcpClientAsync(); - around the whole handler",
				socket.PHP:            "fclose($conn) in `finally` after stream_socket_accept()",
				socket.Erlang:         "gen_tcp:close(S) in the handler's terminate; {active, false} never delivers {tcp_closed, S}",
				socket.Native:         "close(fd) on every exit of the handler, error paths first",
			},
			Operator: "its clients give up before they are answered: look at what it waits for, bound that wait (connect, queue and read time-outs), and let a client's abort end the request",
		},
		States: socket.StateSet(socket.CloseWait),
		Match:  closeWait(false),
		Ripe:   pastGrace,
		Spares: []leak.Spare{
			programStopped("stopped/noted.py"),
			stillSending("half-close-client/clean.py"),
			peerWaits("half-close-server/clean-slow-answer.py"),
			keptByPool("stale-pool/clean.py"),
			closedAsLong("sawtooth/clean.py"),
		},
		Grounds: []leak.Proof{
			accumulate("body-not-closed/leaky.go"),
			atLeast(2, "more than one", "dead-pool/leaky.py"),
			endRead(1, "asyncio-client/leaky.py"),
		},
		Proofs: []leak.Proof{
			accumulatePassed("many-hosts/leaky-dead.py"),
			endRead(3, "asyncio-client/leaky.py"),
			longRead("asyncio-client/leaky.py"),
		},
		Say: sayOpenedCloseWait,
	}
}

// keptByPool is usedOften, for what a pool may not have noticed yet.
func keptByPool(program string) leak.Spare {
	s := usedOften(program)
	s.Ask = func(c *leak.Case, g *leak.Group, o *socket.Socket) leak.Answer {
		if endKept(c, o, len(g.All)) {
			return leak.No
		}
		return c.UsedOften(g, o)
	}
	return s
}

// endKept reports whether the program has read the end and has kept the
// connection for longer than it may work on what it read.
func endKept(c *leak.Case, s *socket.Socket, n int) bool {
	return leak.EndRead(s) == leak.Yes && c.Left(s) >= workingTime(c, s, n)
}

// longRead: nobody works for five minutes on the answer of a closed connection.
func longRead(program string) leak.Proof {
	return leak.Proof{ID: "end-read-long", Program: program,
		Means: "the program has read the end of one and kept it for five minutes",
		Ask: func(c *leak.Case, g *leak.Group) leak.Answer {
			for _, s := range g.Sockets {
				if leak.EndRead(s) == leak.Yes && c.Left(s) >= leak.Patience {
					return leak.Yes
				}
			}
			return leak.No
		}}
}

// endRead: a pool does not keep what it has read the end of. A program that
// works on what it has read may, for as long as it works: one thread on each.
func endRead(n int, program string) leak.Proof {
	return leak.Proof{ID: "end-read", Program: program,
		Means: "the program has read their end and kept them for the proof period, twice as long where it may be at work on what it read",
		Ask: func(c *leak.Case, g *leak.Group) leak.Answer {
			read := 0
			for _, s := range g.Sockets {
				if endKept(c, s, len(g.Sockets)) {
					read++
				}
			}
			return leak.AnswerOf(read >= n)
		}}
}

// workingTime is how long a program may work on what it has read.
func workingTime(c *leak.Case, s *socket.Socket, n int) time.Duration {
	w := c.WorkOf(s.Holders[0].Process)
	if w.Known && !w.Events && w.Free < n {
		return c.Settings.Proof
	}
	return 2 * c.Settings.Proof
}

// sayOpenedCloseWait names what is not proven after the pool that it may be.
func sayOpenedCloseWait(c *leak.Case, g *leak.Group, f *leak.Finding) {
	sayCloseWait(c, g, f)
	n := classesOf(g.Sockets)
	if f.Level < leak.Leak && n.eofRead == 0 && n.dataUnread == 0 && len(g.Sockets) > 1 {
		f.Rule = "dead-pool"
		f.Evidence = append(f.Evidence, "a connection pool looks like this until it next borrows the connection")
	}
}
