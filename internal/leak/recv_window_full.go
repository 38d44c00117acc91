package leak

import (
	"github.com/sockleak/sockleak/internal/socket"
)

func recvWindowFull() Rule {
	return Rule{
		ID: "recv-window-full", Title: "the receive window is full, nobody reads, and the peer is stuck", Severity: Leak,
		Doc: Doc{
			Means: "The program has stopped reading from an open connection. The kernel's buffer is full, so that the " +
				"peer cannot send and blocks.",
			Causes: "The reader ended (an exception, a cancelled task) and the connection was kept; a response that is " +
				"never consumed; a stream that was paused and never resumed.",
			Evidence: "ESTABLISHED, unread data for at least the grace period (5 s) that does not shrink, and a full " +
				"window: the other end's persist timer runs (it is on this machine), or recv-q is 64 KiB or more, " +
				"half of the default of net.ipv4.tcp_rmem. A leak needs 6 s (a fifth more than grace) when it is known that " +
				"nobody waits, or five minutes when no thread does, or growth of several (3).",
			BlindSpot: "A receive buffer that was made small (SO_RCVBUF) is full below 64 KiB; with a remote peer it then " +
				"shows as abandoned. Why the reader stopped is not visible.",
			LookAlike: "A slow reader: whenever it reads, the queue shrinks and the clock starts anew. Back-pressure: a " +
				"paused stream that goes on within minutes.",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "when the reader ends, on an error too, close the connection",
			socket.Python:         "close in `finally` around the reading loop: a socket that is only dropped stays open until its last reference goes, makefile() and traceback included",
			socket.Go:             "defer resp.Body.Close(); when a copy fails or its context ends, conn.Close() unblocks the other side",
			socket.Node:           "res.resume() or res.destroy() on every response; stream.pipeline(res, out, cb) closes both when one fails",
			socket.Java:           "try-with-resources around the InputStream: an exception in the loop must reach close()",
			socket.Ruby:           "ensure sock.close end around the reading loop; response.read_body { |chunk| ... } inside Net::HTTP.start { }",
			socket.DotNet:         "await using var stream = ...; a cancelled ReadAsync does not close the connection: Dispose does",
			socket.Native:         "close(fd) where the reading loop ends, also on its error exits; libcurl: curl_easy_cleanup after an aborted transfer",
		},
		States: socket.StateSet(socket.Established),
		Want:   func(c *Case, s *socket.Socket) bool { return c.unread(s) && windowFull(s) },
		Check: func(c *Case, list []*socket.Socket) []Finding {
			return c.unreadFindings(list, "stopped reading from %s of %s; the receive window is full")
		},
	}
}
