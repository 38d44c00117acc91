package rules

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
)

func survivors() leak.Rule {
	return leak.Rule{
		ID: "survivors", Title: "sockets of a kind that only come and never go", Severity: leak.Leak,
		Doc: leak.Doc{
			Means: "The program opens sockets of this kind again and again and closes none of them, and none of them is used " +
				"again. No other rule explains them.",
			Causes: "A client object made for each call (D-Bus, a container engine's socket, syslog, netlink) and never closed; a " +
				"watch that is opened at each reload.",
			Evidence: "Sockets of one program and one kind, of every family: netlink, packet, raw, UNIX connections with a living " +
				"peer. They were opened in both halves of eight samples or more, none " +
				"that had been left as long was closed, none was used again.",
			BlindSpot: "What does not grow while it is watched. What an event loop watches may be a subscription: that stays a " +
				"suspicion.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "close each socket after its use, or share one client instead of making one for each call",
			socket.Python:         "close in `finally` or use `with`; keep one client (D-Bus connection, docker client, logger) for the whole program",
			socket.Go:             "defer conn.Close(); share one client and its Transport for a UNIX socket too",
			socket.Node:           "one shared client or agent; socket.destroy() after the answer",
			socket.Java:           "try-with-resources around the channel; one shared client",
			socket.Ruby:           "UNIXSocket.open(path) { |s| ... }, Syslog.close",
			socket.PHP:            "fclose($s) or unset() every reference after each call",
			socket.Native:         "close(fd) after the exchange; keep one netlink or UNIX socket for all of them",
		}},
		Match: func(c *leak.Case, s *socket.Socket) bool {
			switch {
			case !held(s) || s.State == socket.Listen || s.IsUDP() || s.IsTCP(): // of TCP: held-by-worker, slow-leak
				return false
			case s.Family == socket.Unix:
				// A pair with both ends here is one thing: see both-ends-here.
				return s.UnixInfo == nil || !s.UnixInfo.PeerGone && c.PeerInProgram(s) == nil
			}
			return s.Family != socket.Unspec
		},
		Spares: []leak.Spare{
			programStopped("stopped/noted.py"),
			usedAgain("idle-server/clean-threads.py"),
			threadWaits("idle-server/clean-threads.py"),
			closedAsLong("sawtooth/clean.py"),
			inStep("thread-local/clean.py"),
			onePerThread("used-once/suspected-threads.py"),
			subscription("idle-server/clean-threads.py"),
		},
		Grounds: []leak.Proof{accumulate("survivors/leaky-unix.py")},
		Proofs:  []leak.Proof{steadily("survivors/leaky-unix.py")},
		Say: func(_ *leak.Case, g *leak.Group, f *leak.Finding) {
			s := g.Sockets[0]
			kind := s.Proto() + " socket"
			switch {
			case s.Family == socket.Unix && g.Role == track.Accepted:
				kind = "accepted " + s.Proto() + " connection"
			case s.Family == socket.Unix && g.Role == track.Opened:
				kind = "unix connection"
			}
			f.Summary = fmt.Sprintf("keeps opening and never closes: %s", words.Plural(len(g.Sockets), kind))
			if s.UnixInfo != nil && s.UnixInfo.Path != "" {
				f.Evidence = append(f.Evidence, "bound to "+s.UnixInfo.Path)
			}
		},
	}
}

// steadyMin is how many must have been opened in all four quarters of the
// samples: a pool that grows does so at its records, which become rare.
const steadyMin = 8

// steadily is accumulate, for sockets that show no use, so that a pool that
// still grows looks the same for a while.
func steadily(program string) leak.Proof {
	p := accumulate(program)
	p.Means = "they only come, eight or more in all quarters of the samples, and none that had been left as long was closed"
	ask := p.Ask
	p.Ask = func(c *leak.Case, g *leak.Group) leak.Answer {
		life := c.LifeOf(g.All)
		if life.Born() < steadyMin || !c.Steady(g) {
			return leak.No
		}
		return ask(c, g)
	}
	return p
}
