package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func connectFailed() Rule {
	return Rule{
		ID: "connect-failed", Title: "connect() failed, and the socket was never closed", Severity: Leak,
		Doc: Doc{
			Means: "The program tried to connect these sockets, the attempt failed, and the descriptors are still open. " +
				"ss does not show them: they are in no kernel table.",
			Causes: "A retry loop that makes a new socket for each attempt and does not close the one that failed.",
			Evidence: "State CLOSE, in no table, and marks of an attempt in the socket (read by the BPF iterator, which " +
				"needs CAP_BPF and CAP_PERFMON, or with --duplicate-descriptors). Two are suspected, several (3) are " +
				"a leak, as is growth with survivors over the looks.",
			BlindSpot: "Without a source that sees into the socket it counts as never-connected. The destination is not " +
				"known any more.",
			LookAlike: "One failed attempt that is about to be closed or repeated on the same socket.",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "close the socket when connect() fails, before the next attempt",
			socket.Python:         "socket.create_connection((host, port), timeout=5) closes on failure; with connect(): try/except: sock.close(); raise",
			socket.Go:             "net.Dial closes on failure; with syscall.Connect: syscall.Close(fd) when err != nil",
			socket.Node:           "socket.destroy() in the 'error' handler before a new net.Socket is made",
			socket.Java:           "try (Socket s = new Socket()) { s.connect(addr, 5000); ... } - SocketChannel.open() must be closed when connect() throws",
			socket.Ruby:           "Socket.tcp(host, port, connect_timeout: 5) closes on failure; Socket#connect does not: rescue and close",
			socket.DotNet:         "catch (SocketException) { socket.Dispose(); throw; } around ConnectAsync",
			socket.Native:         "if (connect(fd, ...) < 0) { close(fd); ... } - also after a failed non-blocking connect (SO_ERROR)",
		},
		Want: inNoTable(socket.ConnectFailed),
		Check: func(c *Case, list []*socket.Socket) []Finding {
			return c.reports(list, 2, c.Settings.Several, func(g group, f *Finding) {
				f.Summary = fmt.Sprintf("holds %s whose connect() failed", Plural(len(g.sockets), "socket"))
				f.Evidence = []string{"in state CLOSE and in no table, with sequence numbers of an attempt to connect"}
			})
		},
	}
}
