package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func neverConnected() Rule {
	return Rule{
		ID: "never-connected", Title: "TCP sockets that are in no table: never connected, or failed and not closed", Severity: Leak,
		Doc: Doc{
			Means: "The program holds TCP sockets that are neither bound, connected nor listening. Each takes a " +
				"descriptor and can do nothing.",
			Causes: "socket() followed by an error before connect() or bind(); a failed connect() that was not closed and " +
				"is repeated on a new socket.",
			Evidence: "A descriptor whose socket no table of the kernel has, with a TCP protocol name (xattr " +
				"system.sockprotoname of /proc/PID/fd/N). Five are suspected, sixteen are a leak, as is growth with " +
				"survivors over the looks.",
			BlindSpot: "Without CAP_BPF and CAP_PERFMON or --duplicate-descriptors it cannot be told whether a socket was " +
				"never connected, failed to connect, or was reset; the evidence says so. There is no age in the " +
				"kernel: only their number, their survival and their growth prove anything.",
			LookAlike: "A few such sockets are normal: netdevice(7) ioctls work on any socket, and a program may open one " +
				"before it connects it.",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "close sockets that were created and not used, above all when connect() fails and the attempt is repeated",
			socket.Python:         "with socket.socket() as s: ... - or socket.create_connection(), which closes on failure",
			socket.Go:             "net.Dialer closes on failure; with syscall.Socket: defer syscall.Close(fd) until it is handed over",
			socket.Node:           "socket.destroy() for every new net.Socket() that is not connected after all",
			socket.Java:           "try (SocketChannel ch = SocketChannel.open()) { ... } - open() takes a descriptor before connect()",
			socket.Ruby:           "ensure sock&.close end after Socket.new",
			socket.DotNet:         "using var s = new Socket(...): the constructor takes a descriptor before ConnectAsync",
			socket.Native:         "close(fd) on every error path between socket() and connect() or listen()",
		},
		Want: inNoTable(socket.Unattached, socket.NotInTable),
		Check: func(c *Case, list []*socket.Socket) []Finding {
			return c.reports(list, onceMin, many, func(g group, f *Finding) {
				f.Summary = fmt.Sprintf("holds %s that are not connected to anything", Plural(len(g.sockets), upper(g.proto)+" socket"))
				f.Evidence = []string{g.sockets[0].Presence.String()}
			})
		},
	}
}
