package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func unixPeerGone() Rule {
	return Rule{
		ID: "unix-peer-gone", Title: "UNIX connections whose other end is closed", Severity: Leak,
		Doc: Doc{
			Means: "The process at the other end of these UNIX sockets has closed them or ended. The program still has " +
				"its descriptors open.",
			Causes: "read() returned 0, or write() failed with EPIPE, and the path taken then does not close; or nobody " +
				"reads from the socket.",
			Evidence: "unix_diag shows no peer for a socket that is connected (UNIX_DIAG_PEER is missing). When there are " +
				"several looks, for at least the grace period (5 s). Two are suspected, several (3) are a leak, in one " +
				"look five, as is growth.",
			BlindSpot: "One look has no age of a UNIX socket. Datagram sockets have no end of stream. Without sock_diag the " +
				"peer is not known.",
			LookAlike: "One connection that has just ended. The Java runtime keeps one such socket on purpose, to dup2() it " +
				"over descriptors that it closes. A socketpair whose other half was handed to a child that lives: its " +
				"peer is there.",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "close the socket when read() returns 0 or write() fails with EPIPE",
			socket.Python:         "with socket.socket(AF_UNIX) as s: ... - and close in `finally` when recv() returns b'' or BrokenPipeError comes",
			socket.Go:             "defer conn.Close(); io.EOF or EPIPE from a *net.UnixConn does not close it",
			socket.Node:           "socket.on('close', ...) is only reached if the socket is read: socket.resume(), or socket.destroy() when done",
			socket.Java:           "try (SocketChannel ch = SocketChannel.open(UnixDomainSocketAddress.of(path))) { ... }; close on -1",
			socket.Ruby:           "UNIXSocket.open(path) { |s| ... } with a block, or ensure s.close end",
			socket.DotNet:         "using var s = new Socket(AddressFamily.Unix, ...); Dispose when Receive returns 0",
			socket.Native:         "if (read(fd, ...) == 0 || errno == EPIPE) close(fd)",
		},
		Want:  (*Case).alone,
		Check: checkUnixPeerGone,
	}
}

func checkUnixPeerGone(c *Case, list []*socket.Socket) []Finding {
	var out []Finding
	for _, g := range c.groups(list) {
		if len(g.sockets) < 2 {
			continue // the Java runtime keeps one on purpose, to dup2 it over a descriptor that it closes
		}
		level := Suspect
		// One look knows no age: three may have been closed this moment.
		enough := c.Settings.Several
		if len(c.Looks()) == 1 {
			enough = onceMin
		}
		if len(g.sockets) >= enough || c.trend(g).Growing {
			level = Leak
		}
		f := c.finding(g, level, fmt.Sprintf("holds %s whose other end is closed", Plural(len(g.sockets), "UNIX socket")))
		f.Evidence = append(f.Evidence, "the kernel knows no peer of a socket that was connected")
		if path := g.sockets[0].UnixInfo.Path; path != "" {
			f.Evidence = append(f.Evidence, "bound to "+path)
		}
		out = append(out, f)
	}
	return out
}

// alone reports whether the socket has lost its peer.
func (c *Case) alone(s *socket.Socket) bool {
	return s.Family == socket.Unix && s.UnixInfo != nil && s.UnixInfo.PeerGone && len(s.Holders) > 0 &&
		(len(c.Looks()) == 1 || c.Age(s).AtLeast >= c.Settings.Grace)
}
