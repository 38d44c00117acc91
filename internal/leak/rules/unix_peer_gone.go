package rules

import (
	"fmt"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

func unixPeerGone() leak.Rule {
	return leak.Rule{
		ID: "unix-peer-gone", Title: "UNIX connections whose other end is closed", Severity: leak.Leak,
		Doc: leak.Doc{
			Means: "The process at the other end of these UNIX sockets has closed them or ended. The program still has " +
				"its descriptors open.",
			Causes: "read() returned 0, or write() failed with EPIPE, and the path taken then does not close; or nobody " +
				"reads from the socket.",
			Evidence: "unix_diag shows no peer for a socket that is connected (UNIX_DIAG_PEER is missing). The kernel has no age of " +
				"a UNIX socket: one sample suspects several (3); the samples must span the grace period to prove it.",
			BlindSpot: "Datagram sockets have no end of stream. Without sock_diag the peer is not known. Whether a request is still " +
				"being worked on cannot be seen of a UNIX socket.",
		},
		Remedy: leak.Remedy{
			Any: leak.Advice{
				socket.RuntimeUnknown: "close the socket when read() returns 0 or write() fails with EPIPE",
				socket.Python:         "with socket.socket(AF_UNIX) as s: ... - and close in `finally` when recv() returns b'' or BrokenPipeError comes",
				socket.Go:             "defer conn.Close(); io.EOF or EPIPE from a *net.UnixConn does not close it",
				socket.Node:           "socket.on('close', ...) is only reached if the socket is read: socket.resume(), or socket.destroy() when done",
				socket.Java:           "try (SocketChannel ch = SocketChannel.open(UnixDomainSocketAddress.of(path))) { ... }; close on -1",
				socket.Ruby:           "UNIXSocket.open(path) { |s| ... } with a block, or ensure s.close end",
				socket.DotNet:         "using var s = new Socket(AddressFamily.Unix, ...); Dispose when Receive returns 0",
				socket.Native:         "if (read(fd, ...) == 0 || errno == EPIPE) close(fd)",
				socket.PHP:            "fclose($s) when feof($s)",
				socket.Erlang:         "handle {tcp_closed, S} of local sockets too: gen_tcp:close(S)",
			},
			Operator: "its clients have gone; bound how long it works for one, and let a client's abort end the request",
		},
		Match: func(_ *leak.Case, s *socket.Socket) bool {
			return s.Family == socket.Unix && s.Type != socket.Dgram && s.UnixInfo != nil && s.UnixInfo.PeerGone && held(s)
		},
		Ripe: func(c *leak.Case, s *socket.Socket) bool {
			return len(c.Looks()) == 1 || c.Window() < c.Settings.Grace || aloneFor(c, s) >= c.Settings.Grace
		},
		Spares: []leak.Spare{
			programStopped("stopped/noted.py"),
			{ID: "one-each", Program: "unix-peer-gone/clean-sessions.py",
				Means:   "no process has more than one or two that are bound to no path: a channel to a helper that has ended goes when its process ends",
				Unknown: "-",
				Ask: func(c *leak.Case, g *leak.Group, s *socket.Socket) leak.Answer {
					return leak.AnswerOf(s.UnixInfo.Path == "" && g.MostInOne(s) < c.Settings.Several)
				}},
			{ID: "age", Program: "unix-peer-gone/clean.py", Means: "-",
				Unknown: "for how long their peers have been gone is not known; try --for 10s",
				Ask: func(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer {
					if aloneFor(c, s) < c.Settings.Grace {
						return leak.Unknown
					}
					return leak.No
				}},
			{ID: "served", Program: "unix-peer-gone/clean-slow.py", Means: "the program is still at work for a client that has given up",
				Unknown: "whether the program is still at work for them is not known: a thread is free or an event loop runs",
				Ask:     (*leak.Case).Served},
			{ID: "closed-meanwhile", Program: "unix-peer-gone/clean-slow.py", Means: "others that had been left as long were closed meanwhile",
				Unknown: "-",
				Ask: func(c *leak.Case, g *leak.Group, _ *socket.Socket) leak.Answer {
					return leak.AnswerOf(c.ClosedAsLong(g) == leak.Yes)
				}},
		},
		Grounds: []leak.Proof{
			{ID: "several", Means: "several", Program: "unix-peer-gone/leaky.py",
				Ask: func(c *leak.Case, g *leak.Group) leak.Answer {
					return leak.AnswerOf(len(g.Sockets) >= c.Settings.Several)
				}},
			accumulate("unix-peer-gone/leaky.py"),
		},
		Proofs: []leak.Proof{
			{ID: "several-ripe", Means: "several for the grace period", Program: "unix-peer-gone/leaky.py",
				Ask: func(c *leak.Case, g *leak.Group) leak.Answer {
					return leak.AnswerOf(older(c, g, aloneFor, c.Settings.Grace) >= c.Settings.Several)
				}},
			accumulate("unix-peer-gone/leaky.py"),
		},
		Say: func(c *leak.Case, g *leak.Group, f *leak.Finding) {
			f.Summary = fmt.Sprintf("holds %s whose other end is closed", words.Plural(len(g.Sockets), "UNIX socket"))
			f.Evidence = append(f.Evidence, "the kernel knows no peer of a socket that was connected")
			if path := g.Sockets[0].UnixInfo.Path; path != "" {
				f.Evidence = append(f.Evidence, "bound to "+path)
			}
			f.Age.AtLeast = aloneFor(c, g.Sockets[0])
		},
	}
}

// aloneFor is for how long the looks have seen a socket without its peer.
func aloneFor(c *leak.Case, s *socket.Socket) time.Duration {
	k := c.Track(s)
	if k == nil || k.PeerGoneSince.IsZero() {
		return 0
	}
	return max(0, c.Now().Taken.Sub(k.PeerGoneSince)) // times may run backwards when the clock is set
}
