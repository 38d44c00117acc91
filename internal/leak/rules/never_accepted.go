package rules

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
)

func neverAccepted() leak.Rule {
	return leak.Rule{
		ID: "never-accepted", Title: "clients are connected, and the program never calls accept()", Severity: leak.Leak,
		Doc: leak.Doc{
			Means: "The kernel has finished the handshake for these clients, but the program has not taken them out of " +
				"the listener's accept queue. They believe to be connected and wait for an answer.",
			Causes: "The accept loop has ended (an uncaught exception, EMFILE) or is blocked (a full thread pool, a " +
				"handler that runs in it); or the listener was kept although nobody serves it any more.",
			Evidence: "Connections without an inode belong to the accept queue of the listener on the same port. The queue is " +
				"first in, first out: while its head stays, nothing was accepted. A listener's recv-q is the queue's length, its " +
				"send-q the backlog. Of CPython it is read out of its memory where the thread is that is to accept: a TLS handshake " +
				"with a client that says nothing, without a time-out, keeps all others from being accepted.",
			BlindSpot: "A listener with TCP_DEFER_ACCEPT keeps clients out of the queue; clients that a full queue turned " +
				"away were never in it.",
		},
		Remedy: leak.Remedy{
			Any: leak.Advice{
				socket.RuntimeUnknown: "keep the accept loop alive: no exception, full pool or EMFILE may end it; close listeners that are no longer served",
				socket.Python:         "conn, _ = s.accept() inside try/except OSError inside the loop; hand conn to a thread or task, do not serve it in the loop",
				socket.Go:             "for { conn, err := l.Accept(); if err != nil { backoff; continue }; go serve(conn) } - and l.Close() when serving ends",
				socket.Node:           "never block the event loop (execFileSync, long JSON.parse): move work to worker_threads; server.close() when done",
				socket.Java:           "catch IOException and RejectedExecutionException inside the accept loop; bound the work, not the loop",
				socket.Ruby:           "loop { Thread.start(server.accept) { |c| ... } } with rescue inside the loop",
				socket.DotNet:         "while (true) { try { var c = await listener.AcceptTcpClientAsync(); _ = Serve(c); } catch (SocketException) { } }",
				socket.Native:         "retry accept() on EINTR, ECONNABORTED; on EMFILE close something or wait, do not leave the loop; close(listen_fd) when done",
				socket.PHP:            "while (true) { $c = @stream_socket_accept($l, -1); if ($c) serve($c); } - an error must not end the loop",
				socket.Erlang:         "supervise the acceptor, and hand the socket over with gen_tcp:controlling_process/2",
			},
			Operator: "look at what blocks it (its log, its limits of workers and connections), raise the limit or free what it waits for",
		},
		Match: func(_ *leak.Case, s *socket.Socket) bool { return s.Listener != 0 },
		Ripe:  func(c *leak.Case, s *socket.Socket) bool { return queuedFor(c, s) >= c.Settings.Grace },
		Spares: []leak.Spare{
			programStopped("stopped/noted.py"),
			{ID: "queue-moves", Program: "saturated/clean.py",
				Means:   "the queue moves: its head was accepted between two samples",
				Unknown: "whether the queue moves is not known; try --for 30s",
				Ask:     queueMoves},
			{ID: "workers-busy", Program: "saturated/noted.py",
				Means:   "the workers are busy with connections that were accepted before",
				Unknown: "whether the program comes back to its queue is not known: it computes, waits for an answer, or has reached a limit of its own",
				Ask:     workersBusy},
		},
		Proofs: []leak.Proof{{ID: "same-clients", Program: "never-accepted/leaky.py",
			Means: "the same clients have waited through all samples, or for the proof period",
			Ask: func(c *leak.Case, g *leak.Group) leak.Answer {
				for _, s := range g.Sockets {
					if queuedFor(c, s) >= c.Settings.Proof || waitedThrough(c, s) {
						return leak.Yes
					}
				}
				return leak.No
			}}},
		Say: sayNeverAccepted,
	}
}

// queuedFor is how long at least a connection has been in the accept queue:
// it has been silent there since its last segment, and was seen since.
func queuedFor(c *leak.Case, s *socket.Socket) time.Duration {
	d := c.Age(s).AtLeast
	if s.Has(socket.HasTCPInfo) {
		d = max(d, min(s.TCP.LastAckRecv, s.TCP.LastDataRecv))
	}
	return d
}

// waitedThrough reports whether every one of several looks has seen it wait.
func waitedThrough(c *leak.Case, s *socket.Socket) bool {
	k := c.Track(s)
	return k != nil && len(c.Looks()) >= leak.MinLooks && c.Window() >= c.Settings.Grace && !k.NewSince(c.Looks()[0].Taken)
}

// queueMoves reports whether the head of the queue was accepted while it was
// looked at.
func queueMoves(c *leak.Case, g *leak.Group, s *socket.Socket) leak.Answer {
	if queuedFor(c, s) >= c.Settings.Proof || waitedThrough(c, s) {
		return leak.No
	}
	if c.Window() < c.Settings.Grace {
		return leak.Unknown
	}
	return g.Once(fmt.Sprint("head ", s.Listener), func() leak.Answer {
		for _, o := range g.All {
			if o.Listener == s.Listener && waitedThrough(c, o) {
				return leak.No // the head stays; this one came later
			}
		}
		return leak.Yes
	})
}

// workersBusy reports whether the program still serves what it has accepted:
// then it may have no worker left, or have reached its limit of connections.
// That the listener is in an epoll set tells nothing: who slept there would
// have been woken.
func workersBusy(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer {
	l := c.Listener(s)
	if l == nil {
		return leak.Unknown
	}
	n := c.ClientsOf(l)
	switch {
	case c.InHandshake(l):
		return leak.No
	case n.Accepted == 0:
		return busyOwners(c, l)
	case queuedFor(c, s) >= leak.Patience:
		return leak.No
	case n.Due > 0 || s.Family == socket.Unix: // whose time-stamps do not exist: what it holds it may serve
		return leak.Yes
	}
	return leak.Unknown
}

// busyOwners reports whether a program that serves nobody may still come back
// to its accept loop: while one of its connections waits for an answer, or it
// computes.
func busyOwners(c *leak.Case, l *socket.Socket) leak.Answer {
	for i := range l.Holders {
		id := l.Holders[i].Process
		if c.WorkOf(id).Asked > 0 || c.LoadOf(c.Now().Process(id)) >= computes {
			return leak.Unknown
		}
	}
	return leak.No
}

// computes is the share of a core from which on a program is at work, on a
// machine that is busy with others too.
const computes = 0.2

func sayNeverAccepted(c *leak.Case, g *leak.Group, f *leak.Finding) {
	l := c.Listener(g.Sockets[0])
	leak.LongestFirst(g.Sockets, func(s *socket.Socket) time.Duration { return queuedFor(c, s) })
	f.Age.AtLeast, f.Age.Bounded = queuedFor(c, g.Sockets[0]), false
	f.Summary = fmt.Sprintf("never accepted %s%s", words.Plural(len(g.Sockets), "connection"), onPort(f))
	closed := 0
	for _, s := range g.Sockets {
		if s.State == socket.CloseWait {
			closed++
		}
	}
	text := "they have no inode: accept() has not returned them"
	if l != nil && l.Has(socket.HasQueues) && l.SendQ > 0 {
		text += fmt.Sprintf("; %d wait in a queue with a backlog of %d", l.RecvQ, l.SendQ)
	}
	f.Evidence = append(f.Evidence, text)
	if closed > 0 {
		f.Evidence = append(f.Evidence, fmt.Sprintf("%d of their clients have given up (CLOSE_WAIT)", closed))
	}
	if l != nil {
		if forgotten := explainListeners(c, g, f.Level); forgotten > 0 {
			f.Evidence = append(f.Evidence, fmt.Sprintf("%s of the port that nobody waits for, beside one that is served (SO_REUSEPORT)",
				words.Plural(forgotten, "listener")))
			f.Fix = listenerUnserved().Remedy.For(c.Owner(l), f.Role)
		}
		if mayBeInherited(c, l) {
			f.Evidence = append(f.Evidence, "the listener may be inherited: its holder waits for nothing, and its parent is gone or another program")
			f.Fix = listenerUnserved().Remedy.For(c.Owner(l), f.Role)
		}
		f.Evidence = append(f.Evidence, c.AcceptWords(l)...)
		f.Watched = c.WatchedWords(l)
		f.Matters = queueMatters(c, l)
		if p := c.Owner(l); p != nil && p.FDs >= 0 && p.FDLimit > 0 && uint64(p.FDs)+1 >= p.FDLimit {
			f.Evidence = append(f.Evidence, fmt.Sprintf("the descriptor limit is reached (%d of %d): accept() fails with EMFILE", p.FDs, p.FDLimit))
		}
	}
	sayUpstream(c, g, f)
}

// explainListeners makes one cause one finding: the listeners at which the
// clients wait need none of their own, nor do forgotten ones beside them on
// the same port, which it counts.
func explainListeners(c *leak.Case, g *leak.Group, level leak.Level) int {
	type place struct {
		netns uint64
		local netip.AddrPort
	}
	beside := map[place]bool{} // where a listener is forgotten beside one that is served
	for _, s := range g.Sockets {
		l := c.Listener(s)
		if l == nil || c.Explained(l) {
			continue
		}
		at := place{l.NetNS, l.Local}
		forgotten := beside[at] || l.IsTCP() && siblingWaits(c, l)
		if forgotten && level < leak.Leak {
			continue // listener-unserved proves more
		}
		c.Explain(l)
		beside[at] = forgotten
	}
	n := 0
	for _, o := range c.Now().Sockets {
		if o.State == socket.Listen && beside[place{o.NetNS, o.Local}] && c.Registered(o) == leak.No {
			c.Explain(o)
			n++
		}
	}
	return n
}

func onPort(f *leak.Finding) string {
	if p := f.Sockets[0].Local.Port(); f.Sockets[0].Family.IP() && p != 0 {
		return fmt.Sprintf(" on port %d", p)
	}
	if u := f.Sockets[0].UnixInfo; u != nil && u.Path != "" {
		return " on " + u.Path
	}
	return ""
}

// queueMatters says what becomes of the listener's queue. A backlog of n
// takes n+1 connections (sk_acceptq_is_full in include/net/sock.h).
func queueMatters(c *leak.Case, l *socket.Socket) string {
	if !l.Has(socket.HasQueues) {
		return ""
	}
	if l.RecvQ > l.SendQ {
		return "the accept queue is full: new clients are not answered"
	}
	trend := track.GrowthOf(c.Gauge(track.GaugeKey{Kind: track.AcceptQueue, NetNS: l.NetNS, Local: l.Local}))
	if left, ok := leak.TimeLeft(trend, int(l.RecvQ), uint64(l.SendQ)+1); ok {
		return fmt.Sprintf("at this rate the accept queue is full in %s", words.Span(left))
	}
	return ""
}
