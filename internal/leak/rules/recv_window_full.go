package rules

import (
	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

func recvWindowFull() leak.Rule {
	return leak.Rule{
		ID: "recv-window-full", Title: "the receive window is full, nobody reads, and the peer is stuck", Severity: leak.Leak,
		Doc: leak.Doc{
			Means: "The program has stopped reading from an open connection. The kernel's buffer is full, so that the " +
				"peer cannot send and blocks.",
			Causes: "The reader ended (an exception, a cancelled task) and the connection was kept; a response that is " +
				"never consumed; a stream that was paused and never resumed.",
			Evidence: "ESTABLISHED, unread data for at least the grace period (5 s) that does not shrink, and a full " +
				"window: the other end's persist timer runs (it is on this machine), or recv-q is 64 KiB or more, " +
				"half of the default of net.ipv4.tcp_rmem. Connections with unread data are judged together, and named abandoned " +
				"where most windows are not full.",
			BlindSpot: "A receive buffer that was made small (SO_RCVBUF) is full below 64 KiB; with a remote peer it then " +
				"shows as abandoned. Why the reader stopped is not visible: where a thread is free or an event loop runs, several must " +
				"have lain for a minute, or one for five.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "when the reader ends, on an error too, close the connection",
			socket.Python:         "close in `finally` around the reading loop: a socket that is only dropped stays open until its last reference goes, makefile() and traceback included",
			socket.Go:             "defer resp.Body.Close(); when a copy fails or its context ends, conn.Close() unblocks the other side",
			socket.Node:           "res.resume() or res.destroy() on every response; stream.pipeline(res, out, cb) closes both when one fails",
			socket.Java:           "try-with-resources around the InputStream: an exception in the loop must reach close()",
			socket.Ruby:           "ensure sock.close end around the reading loop; response.read_body { |chunk| ... } inside Net::HTTP.start { }",
			socket.DotNet:         "await using var stream = ...; a cancelled ReadAsync does not close the connection: Dispose does",
			socket.Native:         "close(fd) where the reading loop ends, also on its error exits; libcurl: curl_easy_cleanup after an aborted transfer",
			socket.PHP:            "read until feof() or fclose($s) where the loop ends, also on its error exits",
			socket.Erlang:         "inet:setopts(S, [{active, once}]) after each message, or gen_tcp:close(S)",
		}},
		States: socket.StateSet(socket.Established),
		Match:  hasUnread,
		Ripe:   unreadRipe,
		Spares: unreadSpares(),
		Proofs: unreadProofs("abandoned/leaky.py"),
		Say:    sayUnread,
	}
}
