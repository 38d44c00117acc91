package rules

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

func connectFailed() leak.Rule {
	return leak.Rule{
		ID: "connect-failed", Title: "connect() failed, and the socket was never closed", Severity: leak.Leak,
		Doc: leak.Doc{
			Means: "The program tried to connect these sockets, the attempt failed, and the descriptors are still open. " +
				"ss does not show them: they are in no kernel table.",
			Causes: "A retry loop that makes a new socket for each attempt and does not close the one that failed.",
			Evidence: "State CLOSE, in no table, and marks of an attempt in the socket (read by the BPF iterator, which " +
				"needs CAP_BPF and CAP_PERFMON, or with --duplicate-descriptors). Two are suspected: a program may try again on the same " +
				"socket. Sixteen are a leak, as is growth.",
			BlindSpot: "Without a source that sees into the socket it counts as never-connected. The destination is not " +
				"known any more.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "close the socket when connect() fails, before the next attempt",
			socket.Python:         "socket.create_connection((host, port), timeout=5) closes on failure; with connect(): try/except: sock.close(); raise",
			socket.Go:             "net.Dial closes on failure; with syscall.Connect: syscall.Close(fd) when err != nil",
			socket.Node:           "socket.destroy() in the 'error' handler before a new net.Socket is made",
			socket.Java:           "try (Socket s = new Socket()) { s.connect(addr, 5000); ... } - SocketChannel.open() must be closed when connect() throws",
			socket.Ruby:           "Socket.tcp(host, port, connect_timeout: 5) closes on failure; Socket#connect does not: rescue and close",
			socket.DotNet:         "catch (SocketException) { socket.Dispose(); throw; } around ConnectAsync",
			socket.Native:         "if (connect(fd, ...) < 0) { close(fd); ... } - also after a failed non-blocking connect (SO_ERROR)",
			socket.PHP:            "$s = @stream_socket_client(...) closes by itself; with socket_connect() call socket_close($s) when it fails",
		}},
		Match:   inNoTable(socket.ConnectFailed),
		Spares:  []leak.Spare{programStopped("stopped/noted.py"), stays("connect-failed/clean.py"), closedAsLong("connect-failed/clean.py").InOneLook(leak.No)},
		Grounds: []leak.Proof{atLeast(2, "two or more", "connect-failed/leaky.py")},
		Proofs: []leak.Proof{
			atLeast(many, "more than any program tries again on", "connect-failed/leaky.py"),
			accumulate("connect-failed/leaky.py"),
		},
		Say: func(_ *leak.Case, g *leak.Group, f *leak.Finding) {
			f.Watched = ""
			f.Summary = fmt.Sprintf("holds %s whose connect() failed", words.Plural(len(g.Sockets), "socket"))
			f.Evidence = append(f.Evidence, "in state CLOSE and in no table, with sequence numbers of an attempt to connect")
		},
	}
}
