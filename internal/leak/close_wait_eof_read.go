package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func closeWaitEOFRead() Rule {
	return Rule{
		ID: "close-wait-eof-read", Title: "the peer closed, the program read the EOF and never called close()", Severity: Leak,
		Doc: Doc{
			Means: "The other side has closed the connection. The program has read everything up to the end of the " +
				"stream and still has the descriptor open. Nothing will ever arrive on it again.",
			Causes: "recv() returned 0 and the path taken then does not close: an exception, an early return, a callback " +
				"for the end that does nothing, a connection object that stays in a list.",
			Evidence: "CLOSE_WAIT with recv-q 0: the kernel counts the peer's FIN as one byte (tcp_fin in " +
				"net/ipv4/tcp_input.c), so it was consumed. The age is at least tcpi_last_ack_recv. A leak needs one " +
				"socket older than proof (30 s), or several (3) older than a fifth more than the grace period (6 " +
				"s), or growth over the looks.",
			BlindSpot: "A keepalive of the program's own, or data that it sent after the FIN, makes tcpi_last_ack_recv young " +
				"again, so that a leak looks younger. Leaks with keepalive leave CLOSE_WAIT after a minute or two: " +
				"see reset-not-closed.",
			LookAlike: "A slow handler that still works on its answer: sockets on which data was sent within the grace " +
				"period are left out, and where the other end is on this machine and still waits in FIN_WAIT2 it gets " +
				"5 minutes. A server that closes within seconds never reaches the age.",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "call close() when recv() returns 0, on every path out of the function",
			socket.Python:         "close in `finally`, or use `with sock:`; asyncio: writer.close(); await writer.wait_closed(), also when read() returned b''",
			socket.Go:             "defer conn.Close() right after Accept or Dial; io.EOF from Read ends the stream but does not close it",
			socket.Node:           "socket.end() in the 'end' handler when allowHalfOpen is true; else leave allowHalfOpen off, so that Node closes by itself",
			socket.Java:           "try (Socket s = server.accept()) { ... } - read() == -1 does not close; NIO: channel.close() on -1",
			socket.Ruby:           "begin ... ensure sock.close end, or TCPSocket.open(host, port) { |sock| ... }",
			socket.DotNet:         "using var client = await listener.AcceptTcpClientAsync(); - ReadAsync() == 0 is the end: leave the scope",
			socket.Native:         "n = recv(...); if (n == 0) close(fd); - with one exit label (goto out) or RAII that closes on every path",
		},
		States: socket.StateSet(socket.CloseWait),
		Want:   closeWaits(func(q uint32) bool { return q == 0 }),
		Check:  checkEOFRead,
	}
}

func checkEOFRead(c *Case, list []*socket.Socket) []Finding {
	var out []Finding
	for _, g := range c.groups(list) {
		level := Suspect
		if c.proven(g) && (!c.answerable(g) || c.Age(g.sockets[0]).AtLeast >= patience) {
			level = Leak
		}
		f := c.finding(g, level, fmt.Sprintf("holds %s that %s closed", Plural(len(g.sockets), "socket"), g.where()))
		if g.sockets[0].Has(socket.HasQueues) {
			f.Evidence = append(f.Evidence, "the peer's FIN was consumed (recv-q 0) and close() never followed")
		} else {
			f.Evidence = append(f.Evidence, "the peer has closed and close() never followed; how much is unread is not known of "+g.proto)
		}
		f.Evidence = appendWords(f.Evidence, c.ends(g.sockets).words())
		out = append(out, f)
	}
	return out
}
