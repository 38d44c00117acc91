package rules

import (
	"fmt"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
)

func resetNotClosed() leak.Rule {
	return leak.Rule{
		ID: "reset-not-closed", Title: "the connection was reset or timed out, and close() never followed", Severity: leak.Leak, Stage: true,
		Doc: leak.Doc{
			Means: "The connection is over: the peer or the kernel has ended it, or both sides have shut it down. Only " +
				"the descriptor is left. Old CLOSE_WAIT leaks become this when keepalive finds that the peer is gone.",
			Causes: "An error path without close(): ECONNRESET, EPIPE or ETIMEDOUT was logged, and the object kept; or " +
				"shutdown() in place of close(). Or nobody has looked at the socket since.",
			Evidence: "State CLOSE, in no table, with marks of a connection that was once established (read by the BPF " +
				"iterator, which needs CAP_BPF and CAP_PERFMON, or with --duplicate-descriptors), silent for the " +
				"grace period (5 s). sk_err says whether the program has seen the reset: it is pending until a system call " +
				"returns it.",
			BlindSpot: "Without a source that sees into the socket it counts as never-connected.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "close the socket on every error: ECONNRESET, EPIPE and ETIMEDOUT do not close it",
			socket.Python:         "except OSError: ... finally: sock.close() - ConnectionResetError and BrokenPipeError leave the descriptor open",
			socket.Go:             "defer conn.Close(): an error from Read or Write does not close the connection",
			socket.Node:           "socket.on('error', ...) must be there; with autoDestroy: false call socket.destroy()",
			socket.Java:           "try-with-resources: SocketException does not close; Netty: ctx.close() in exceptionCaught",
			socket.Ruby:           "rescue Errno::ECONNRESET, Errno::EPIPE ... ensure sock.close end",
			socket.DotNet:         "using var client = ...; an IOException from the stream does not dispose it",
			socket.Native:         "close(fd) after read() or write() failed, whatever errno says, except EAGAIN and EINTR",
			socket.PHP:            "fclose($s) when fread() or fwrite() returns false",
			socket.Erlang:         "handle {tcp_error, S, Reason} and {tcp_closed, S}: gen_tcp:close(S)",
		}},
		Match: inNoTable(socket.Reset, socket.Finished),
		Ripe:  func(c *leak.Case, s *socket.Socket) bool { return overFor(c, s) >= c.Settings.Grace },
		Spares: []leak.Spare{
			programStopped("stopped/noted.py"),
			{ID: "not-noticed", Program: "reset-not-closed/clean.py",
				Means:   "the program has opened it and not seen the end: a pool notices when it next borrows the connection",
				Unknown: "whether the program has seen the end is not known",
				Ask:     notNoticed},
			{ID: "served", Program: "slow-upstream/clean.py",
				Means:   "the program is still at work for a client that has given up",
				Unknown: "whether the program is still at work for a client that has given up is not known",
				Ask: func(c *leak.Case, g *leak.Group, s *socket.Socket) leak.Answer {
					if g.Role != track.Accepted || s.Err == 0 && s.Has(socket.HasErr) {
						return leak.No
					}
					return c.Served(g, s)
				}},
			closedAsLong("reset-not-closed/clean.py").InOneLook(leak.No),
		},
		Grounds: []leak.Proof{atLeast(2, "two or more", "reset-not-closed/leaky.py"), pastProof("reset-not-closed/leaky.py", overFor)},
		Proofs: []leak.Proof{
			{ID: "seen", Program: "reset-not-closed/leaky.py",
				Means: "several, past the grace period, of which the program has seen the error or which it accepted; or one for the proof period",
				Ask: func(c *leak.Case, g *leak.Group) leak.Answer {
					return leak.AnswerOf(len(g.Sockets) >= c.Settings.Several || older(c, g, overFor, c.Settings.Proof) > 0)
				}},
			accumulate("late/leaky.go"),
		},
		Say: func(c *leak.Case, g *leak.Group, f *leak.Finding) {
			f.Summary = fmt.Sprintf("holds %s whose connection to %s is over", words.Plural(len(g.Sockets), "socket"), c.Where(f))
			f.Watched = ""
			f.Age.AtLeast = overFor(c, g.Sockets[0])
			pending, known, finished := 0, 0, 0
			for _, s := range g.Sockets {
				if s.Presence == socket.Finished {
					finished++
				}
				if s.Has(socket.HasErr) {
					known++
					if s.Err != 0 {
						pending++
					}
				}
			}
			if finished == len(g.Sockets) {
				f.Evidence = append(f.Evidence, "state CLOSE and in no table: the connection was shut down by both sides, in good order; the "+
					"program called shutdown(), which frees no descriptor")
				f.Fix = shutdownAdvice(c.Owner(g.Sockets[0]))
				return
			}
			f.Evidence = append(f.Evidence, "state CLOSE and in no table: the connection was reset, timed out or was shut down by both sides; the descriptor is still open")
			switch {
			case known == 0:
			case pending == 0:
				f.Evidence = append(f.Evidence, "no error is pending: the program has seen the end")
			default:
				f.Evidence = append(f.Evidence, fmt.Sprintf("the error is still pending on %d of %d: nobody has looked since", pending, len(g.Sockets)))
			}
		},
	}
}

// shutdownAdvice is what to do where close() is missing behind shutdown().
func shutdownAdvice(p *socket.Process) string {
	if p == nil {
		return "call close() after shutdown(): shutdown() frees no descriptor"
	}
	switch p.Runtime {
	case socket.Python:
		return "sock.shutdown(SHUT_RDWR) is not the end: call sock.close() after it, in `finally` or by `with sock:`"
	case socket.Go:
		return "conn.CloseWrite() is not the end: defer conn.Close()"
	case socket.Java:
		return "shutdownOutput() and shutdownInput() are not the end: close() - best in try-with-resources"
	}
	return "call close() after shutdown(): shutdown() frees no descriptor"
}

// overFor is how long at least the connection has been over: silent since its
// last segment.
func overFor(c *leak.Case, s *socket.Socket) time.Duration {
	d := c.Age(s).AtLeast
	if s.Has(socket.HasTCPInfo) {
		d = max(d, min(s.TCP.LastAckRecv, s.TCP.LastDataRecv))
	}
	return d
}

// notNoticed reports whether a connection that the program opened ended
// without its knowledge.
func notNoticed(c *leak.Case, g *leak.Group, s *socket.Socket) leak.Answer {
	switch {
	case g.Role == track.Accepted, c.Accumulates(g) == leak.Yes:
		return leak.No
	case !s.Has(socket.HasErr):
		return leak.Unknown
	}
	if s.Presence == socket.Finished { // in good order: there is no error to see, and the program has called shutdown()
		return mayComeBack(c, g, s)
	}
	return leak.AnswerOf(s.Err != 0)
}
