package rules

import (
	"fmt"
	"strings"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

func neverConnected() leak.Rule {
	return leak.Rule{
		ID: "never-connected", Title: "sockets that are in no table: never connected, or failed and not closed", Severity: leak.Leak,
		Doc: leak.Doc{
			Means: "The program holds TCP or UDP sockets that are neither bound, connected nor listening. Each takes a " +
				"descriptor and can do nothing.",
			Causes: "socket() followed by an error before connect() or bind(); a failed connect() that was not closed and " +
				"is repeated on a new socket.",
			Evidence: "A descriptor whose socket no table of the kernel has, with a protocol name (xattr " +
				"system.sockprotoname of /proc/PID/fd/N). Five are suspected, sixteen are a leak, as is growth over the samples.",
			BlindSpot: "Without CAP_BPF and CAP_PERFMON or --duplicate-descriptors it cannot be told whether a socket was " +
				"never connected, failed to connect, or was reset; the evidence says so. There is no age in the " +
				"kernel: only their number, their survival and their growth prove anything.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "close sockets that were created and not used, above all when connect() fails and the attempt is repeated",
			socket.Python:         "with socket.socket() as s: ... - or socket.create_connection(), which closes on failure",
			socket.Go:             "net.Dialer closes on failure; with syscall.Socket: defer syscall.Close(fd) until it is handed over",
			socket.Node:           "socket.destroy() for every new net.Socket() that is not connected after all",
			socket.Java:           "try (SocketChannel ch = SocketChannel.open()) { ... } - open() takes a descriptor before connect()",
			socket.Ruby:           "ensure sock&.close end after Socket.new",
			socket.DotNet:         "using var s = new Socket(...): the constructor takes a descriptor before ConnectAsync",
			socket.Native:         "close(fd) on every error path between socket() and connect() or listen()",
		}},
		Match:   inNoTable(socket.Unattached, socket.NotInTable),
		Spares:  []leak.Spare{programStopped("stopped/noted.py"), stays("never-connected/clean.c"), closedAsLong("never-connected/clean.c").InOneLook(leak.No)},
		Grounds: []leak.Proof{atLeast(onceMin, "five or more", "never-connected/leaky.py"), accumulate("never-connected/leaky.py")},
		Proofs:  []leak.Proof{atLeast(many, "more than any program has a use for", "never-connected/leaky.py"), accumulate("never-connected/leaky.py")},
		Say: func(_ *leak.Case, g *leak.Group, f *leak.Finding) {
			f.Watched = ""
			f.Summary = fmt.Sprintf("holds %s that are not connected to anything", words.Plural(len(g.Sockets), strings.ToUpper(g.Sockets[0].Proto())+" socket"))
			f.Evidence = append(f.Evidence, g.Sockets[0].Presence.String())
		},
	}
}
