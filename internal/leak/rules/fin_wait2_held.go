package rules

import (
	"fmt"
	"slices"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
)

func finWait2Held() leak.Rule {
	return leak.Rule{
		ID: "fin-wait2-held", Title: "shutdown() was called, close() never followed", Severity: leak.Leak,
		Doc: leak.Doc{
			Means: "The program has shut down its sending side (RFC 9293: FIN-WAIT-2) and keeps the descriptor, while " +
				"the peer has not closed. The kernel does not reap such a socket.",
			Causes: "shutdown() in place of close(); or a graceful close that reads until the peer's end without a " +
				"time-out, from a peer that never sends one.",
			Evidence: "FIN_WAIT2 with an inode and a holder, for at least the grace period (5 s; tcpi_last_ack_recv), and " +
				"no data arriving. A socket that the program has closed would be an orphan without inode, reaped " +
				"after tcp_fin_timeout.",
			BlindSpot: "Where it is not known who waits (io_uring, another user's threads, a runtime that registers every socket), " +
				"time alone proves nothing, and without growth it stays a suspicion. A peer that keeps the socket alive with " +
				"keepalive answers makes it look younger.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "call close() after shutdown(); read the peer's last answer with a timeout",
			socket.Python:         "sock.shutdown(SHUT_WR); sock.settimeout(5); read until b''; then sock.close() in `finally`: shutdown() frees no descriptor",
			socket.Go:             "conn.CloseWrite(); conn.SetReadDeadline(time.Now().Add(5*time.Second)); io.Copy(io.Discard, conn); conn.Close()",
			socket.Node:           "socket.end() only half-closes: socket.setTimeout(ms, () => socket.destroy())",
			socket.Java:           "s.shutdownOutput(); s.setSoTimeout(5000); drain the input; s.close() - best in try-with-resources",
			socket.Ruby:           "sock.close_write; IO.select([sock], nil, nil, 5); ensure sock.close end",
			socket.DotNet:         "socket.Shutdown(SocketShutdown.Send); read with a CancellationToken that times out; socket.Close()",
			socket.Native:         "shutdown(fd, SHUT_WR); SO_RCVTIMEO; read until 0; close(fd)",
			socket.PHP:            "stream_socket_shutdown($s, STREAM_SHUT_WR) is not the end: fclose($s) after the answer or a time-out",
			socket.Erlang:         "gen_tcp:shutdown(S, write) is not the end: gen_tcp:close(S) after the answer or a time-out",
		}},
		States: socket.StateSet(socket.FinWait2),
		Match: func(_ *leak.Case, s *socket.Socket) bool {
			return s.State == socket.FinWait2 && s.Inode != 0 && held(s) && s.IsTCP()
		},
		Ripe: pastGrace,
		Spares: []leak.Spare{
			programStopped("stopped/noted.py"),
			stillReceiving("half-close-client/clean.py"),
			{ID: "other-end-here", Program: "half-close-own/clean.js",
				Means:   "the program holds the other end as well, which has the peer's FIN and has to close",
				Unknown: "-",
				Ask: func(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer {
					return leak.AnswerOf(c.OwnEnd(s) != nil)
				}},
			{ID: "waits", Program: "half-close-client/clean.py",
				Means:   "somebody waits for the peer's answer, as half-close protocols do, until that is past patience (5 min)",
				Unknown: "whether anybody waits for the peer's answer is not known",
				Ask:     waitsForAnswer},
			{ID: "busy", Program: "half-close-client/clean.py",
				Means:   "-",
				Unknown: "whether a thread that is free now will come back to read the answer is not known",
				Ask:     mayComeBack},
		},
		Proofs: []leak.Proof{
			severalRipe("fin-wait2-held/leaky.py", inState),
			pastProof("fin-wait2-held/leaky.py", inState),
			accumulate("fin-wait2-held/leaky.py"),
		},
		Say: func(c *leak.Case, g *leak.Group, f *leak.Finding) {
			f.Summary = fmt.Sprintf("shut down %s to %s and never closed", words.Plural(len(g.Sockets), "connection"), c.Where(f))
			f.Evidence = append(f.Evidence, "FIN_WAIT2 with a descriptor and no timer: the program holds it, the kernel will not reap it")
			f.Evidence = leak.AppendWords(f.Evidence, c.EndsWords(g.Sockets))
		},
	}
}

func waitsForAnswer(c *leak.Case, g *leak.Group, s *socket.Socket) leak.Answer {
	switch registered := c.Registered(s); {
	case registered == leak.No, g.Role == track.Accepted && c.Accumulates(g) == leak.Yes: // a server that waits for its clients' FIN
		return leak.No
	case c.Left(s) >= leak.Patience:
		return leak.Unknown
	case leak.Threaded(s), goroutineReads(s), registered == leak.Yes && !edgeOnly(s):
		return leak.Yes
	}
	return leak.Unknown
}

// goroutineReads reports whether a goroutine is known to wait for the answer,
// which the runtime's poller alone does not tell.
func goroutineReads(s *socket.Socket) bool {
	return s.Watch != nil && slices.ContainsFunc(s.Watch.Waiters, func(w socket.Waiter) bool {
		return w.Kind == socket.GoroutineWaiter && w.Call == "read"
	})
}

// edgeOnly reports whether all that knows of a socket is a poller in which a
// runtime registers every one.
func edgeOnly(s *socket.Socket) bool {
	for _, e := range s.Watch.Epolls {
		if !e.EdgeTriggered() {
			return false
		}
	}
	return len(s.Watch.Epolls) > 0 && len(s.Watch.Threads) == 0
}

// mayComeBack: a synchronous client may be at work before it reads the answer.
func mayComeBack(c *leak.Case, g *leak.Group, s *socket.Socket) leak.Answer {
	w := c.WorkOf(s.Holders[0].Process)
	if c.Accumulates(g) != leak.Yes && c.Left(s) < c.Settings.Proof && (!w.Known || w.Free >= len(g.All)) {
		return leak.Unknown
	}
	return leak.No
}
