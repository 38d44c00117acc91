package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func resetNotClosed() Rule {
	return Rule{
		ID: "reset-not-closed", Title: "the connection was reset or timed out, and close() never followed", Severity: Leak,
		Doc: Doc{
			Means: "The connection is over: the peer or the kernel has ended it, or both sides have shut it down. Only " +
				"the descriptor is left. Old CLOSE_WAIT leaks become this when keepalive finds that the peer is gone.",
			Causes: "An error path without close(): ECONNRESET, EPIPE or ETIMEDOUT was logged, and the object kept; or " +
				"shutdown() in place of close(). Or nobody has looked at the socket since.",
			Evidence: "State CLOSE, in no table, with marks of a connection that was once established (read by the BPF " +
				"iterator, which needs CAP_BPF and CAP_PERFMON, or with --duplicate-descriptors), silent for the " +
				"grace period (5 s). Two are suspected, several (3) are a leak when they were accepted, used once " +
				"each, or grow in number.",
			BlindSpot: "Without a source that sees into the socket it counts as never-connected. Connections that the " +
				"program opened may be a pool's, and stay a suspicion without growth.",
			LookAlike: "A pool whose server was restarted: it finds out when it next borrows the connection.",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "close the socket on every error: ECONNRESET, EPIPE and ETIMEDOUT do not close it",
			socket.Python:         "except OSError: ... finally: sock.close() - ConnectionResetError and BrokenPipeError leave the descriptor open",
			socket.Go:             "defer conn.Close(): an error from Read or Write does not close the connection",
			socket.Node:           "socket.on('error', ...) must be there; with autoDestroy: false call socket.destroy()",
			socket.Java:           "try-with-resources: SocketException does not close; Netty: ctx.close() in exceptionCaught",
			socket.Ruby:           "rescue Errno::ECONNRESET, Errno::EPIPE ... ensure sock.close end",
			socket.DotNet:         "using var client = ...; an IOException from the stream does not dispose it",
			socket.Native:         "close(fd) after read() or write() failed, whatever errno says, except EAGAIN and EINTR",
		},
		Want:  inNoTable(socket.Reset, socket.Finished),
		Check: checkReset,
	}
}

// checkReset accuses connections that the program accepted, and those that it
// opened when they grow in number: a pool keeps what a restarted server has
// reset until it next borrows it.
func checkReset(c *Case, list []*socket.Socket) []Finding {
	accepted := func(s *socket.Socket) bool { return c.Accepted(s) }
	old := list[:0]
	for _, s := range list {
		if !s.Has(socket.HasTCPInfo) || min(s.TCP.LastAckRecv, s.TCP.LastDataRecv) >= c.Settings.Grace {
			old = append(old, s)
		}
	}
	out := c.reports(old, 2, c.Settings.Several, func(g group, f *Finding) {
		f.Summary = fmt.Sprintf("holds %s whose connection to %s is over", Plural(len(g.sockets), "socket"), g.where())
		f.Evidence = []string{"state CLOSE and in no table: the connection was reset, timed out or was shut down by both sides; the descriptor is still open"}
		if !accepted(g.sockets[0]) && !f.Trend.Growing && !c.usedOnce(g.sockets) {
			f.Level = Suspect
			f.Evidence = append(f.Evidence, "a connection pool looks like this until it next borrows the connection")
		}
	})
	return out
}
