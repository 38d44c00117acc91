package rules

import (
	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

func closeWaitEOFRead() leak.Rule {
	return leak.Rule{
		ID: "close-wait-eof-read", Title: "the peer closed, the program read the EOF and never called close()", Severity: leak.Leak, Stage: true,
		Doc: leak.Doc{
			Means: "The other side has closed the connection. The program has read everything up to the end of the " +
				"stream and still has the descriptor open. Nothing will ever arrive on it again.",
			Causes: "recv() returned 0 and the path taken then does not close: an exception, an early return, a callback " +
				"for the end that does nothing, a connection object that stays in a list.",
			Evidence: "Accepted connections in CLOSE_WAIT with recv-q 0: the kernel counts the peer's FIN as one byte (tcp_fin in " +
				"net/ipv4/tcp_input.c), so it was consumed. The age is at least tcpi_last_ack_recv. Accepted connections of one " +
				"program are judged together, however much of them is unread, and named after what most of them show.",
			BlindSpot: "A keepalive of the program's own, or data that it sent after the FIN, makes tcpi_last_ack_recv young " +
				"again, so that a leak looks younger. Leaks with keepalive leave CLOSE_WAIT after a minute or two: " +
				"see reset-not-closed.",
		},
		Remedy: leak.Remedy{
			Any: leak.Advice{
				socket.RuntimeUnknown: "call close() when recv() returns 0, on every path out of the function",
				socket.Python:         "close in `finally`, or use `with sock:`; asyncio: writer.close(); await writer.wait_closed(), also when read() returned b''",
				socket.Go:             "defer conn.Close() right after Accept or Dial; io.EOF from Read ends the stream but does not close it",
				socket.Node:           "socket.end() in the 'end' handler when allowHalfOpen is true; else leave allowHalfOpen off, so that Node closes by itself",
				socket.Java:           "try (Socket s = server.accept()) { ... } - read() == -1 does not close; NIO: channel.close() on -1, then selector.selectNow()",
				socket.Ruby:           "begin ... ensure sock.close end, or TCPSocket.open(host, port) { |sock| ... }",
				socket.DotNet:         "using var client = await listener.AcceptTcpClientAsync(); - ReadAsync() == 0 is the end: leave the scope",
				socket.Native:         "n = recv(...); if (n == 0) close(fd); - with one exit label (goto out) or RAII that closes on every path",
				socket.PHP:            "if (feof($conn)) { fclose($conn); } - fread() that returns '' is the end; unset() what refers to it",
				socket.Erlang:         "handle {tcp_closed, S} and call gen_tcp:close(S); a process that traps exits must close in terminate/2",
			},
			Operator: "its clients have gone; bound how long it waits for its upstream, and let a client's abort end the request (time-outs of the server's configuration)",
		},
		States: socket.StateSet(socket.CloseWait),
		Match:  closeWait(true),
		Ripe:   pastGrace,
		Spares: []leak.Spare{
			programStopped("stopped/noted.py"),
			stillSending("half-close-server/clean-stream.go"),
			peerWaits("half-close-server/clean-slow-answer.py"),
			served("slow-upstream/clean.py"),
			closedLater("slow-handler/clean.go"),
		},
		Proofs: []leak.Proof{
			severalRipe("close-wait-eof-read/leaky.py", inState),
			pastProof("close-wait-eof-read/leaky.py", inState),
			accumulate("slow-handler/leaky.go"),
		},
		Say: sayCloseWait,
	}
}
