package leak

import (
	"github.com/sockleak/sockleak/internal/socket"
)

func recvWindowFull() Rule {
	return Rule{
		ID: "recv-window-full", Title: "the receive window is full, nobody reads, and the peer is stuck", Severity: Leak,
		Doc: Doc{Means: "The program has stopped reading from an open connection. The kernel's buffer is full, so that the peer cannot send and blocks."},
		Remedy: Remedy{
			socket.RuntimeUnknown: "when the reader ends, on an error too, close the connection",
			socket.Python:         "close in `finally` around the reading loop; a socket that is only dropped stays open until its last reference goes, makefile() objects included",
		},
		Check: func(c *Case) []Finding {
			return c.unreadFindings(windowFull, "stopped reading from %s of %s; the receive window is full")
		},
	}
}
