package leak

import (
	"fmt"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

func neverAccepted() Rule {
	return Rule{
		ID: "never-accepted", Title: "clients are connected, and the program never calls accept()", Severity: Leak,
		Doc: Doc{
			Means: "The kernel has finished the handshake for these clients, but the program has not taken them out of " +
				"the listener's accept queue. They believe to be connected and wait for an answer.",
			Causes: "The accept loop has ended (an uncaught exception, EMFILE) or is blocked (a full thread pool, a " +
				"handler that runs in it); or the listener was kept although nobody serves it any more.",
			Evidence: "Connections without an inode belong to the accept queue of the listener on the same port. The one " +
				"that has waited longest has done so for the grace period (5 s) at least. It is a leak after a fifth " +
				"more when no thread sleeps in accept() on the listener, and after proof (30 s) in any case. A " +
				"listener's recv-q is the queue's length, its send-q the backlog.",
			BlindSpot: "A listener with TCP_DEFER_ACCEPT keeps clients out of the queue; clients that a full queue turned " +
				"away were never in it.",
			LookAlike: "A burst: a queue that is being worked off has only young connections in it. A single slow round of " +
				"the accept loop is only suspected.",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "keep the accept loop alive: no exception, full pool or EMFILE may end it; close listeners that are no longer served",
			socket.Python:         "conn, _ = s.accept() inside try/except OSError inside the loop; hand conn to a thread or task, do not serve it in the loop",
			socket.Go:             "for { conn, err := l.Accept(); if err != nil { backoff; continue }; go serve(conn) } - and l.Close() when serving ends",
			socket.Node:           "never block the event loop (execFileSync, long JSON.parse): move work to worker_threads; server.close() when done",
			socket.Java:           "catch IOException and RejectedExecutionException inside the accept loop; bound the work, not the loop",
			socket.Ruby:           "loop { Thread.start(server.accept) { |c| ... } } with rescue inside the loop",
			socket.DotNet:         "while (true) { try { var c = await listener.AcceptTcpClientAsync(); _ = Serve(c); } catch (SocketException) { } }",
			socket.Native:         "retry accept() on EINTR, ECONNABORTED; on EMFILE close something or wait, do not leave the loop; close(listen_fd) when done",
		},
		Want:  func(_ *Case, s *socket.Socket) bool { return s.Listener != 0 || s.State == socket.Listen && s.IsTCP() },
		Check: checkNeverAccepted,
	}
}

func checkNeverAccepted(c *Case, list []*socket.Socket) []Finding {
	queued := map[uint64][]*socket.Socket{}
	var listeners []*socket.Socket
	for _, s := range list {
		if s.Listener == 0 {
			listeners = append(listeners, s)
			continue
		}
		queued[s.Listener] = append(queued[s.Listener], s)
	}
	var out []Finding
	for _, l := range listeners {
		if len(queued[l.Inode]) > 0 {
			if f, ok := c.judgeQueue(l, queued[l.Inode]); ok {
				out = append(out, f)
			}
		}
	}
	return out
}

// judgeQueue judges the accept queue of one listener. A queue that is worked
// off has only young connections in it.
func (c *Case) judgeQueue(l *socket.Socket, list []*socket.Socket) (Finding, bool) {
	var oldest time.Duration
	closed := 0
	for _, s := range list {
		oldest = max(oldest, c.waited(s))
		if s.State == socket.CloseWait {
			closed++
		}
	}
	if oldest < c.Settings.Grace {
		return Finding{}, false
	}
	level := Suspect
	listeners := []*socket.Socket{l}
	if oldest >= c.Settings.Proof || oldest >= c.Settings.Ripe() && !threaded(listeners) {
		level = Leak
	}
	g := group{place: c.placeOf(l), sockets: list}
	f := c.finding(g, level, fmt.Sprintf("never accepted %s on port %d", Plural(len(list), "connection"), l.Local.Port()))
	f.Age.AtLeast, f.Age.Bounded = oldest, false
	f.Trend = c.trend(group{sockets: list})
	f.Watched = c.watched(listeners)
	f.Evidence = append(f.Evidence, fmt.Sprintf("they have no inode: accept() has not returned them; %d of at most %d are queued", l.RecvQ, l.SendQ))
	if closed > 0 {
		f.Evidence = append(f.Evidence, fmt.Sprintf("%d of their clients have given up (CLOSE_WAIT)", closed))
	}
	f.Matters = c.queueMatters(l)
	return f, true
}

// queueMatters says what becomes of the listener's queue. A backlog of n
// takes n+1 connections (sk_acceptq_is_full in include/net/sock.h).
func (c *Case) queueMatters(l *socket.Socket) string {
	if l.RecvQ > l.SendQ {
		return "the accept queue is full: new clients are not answered"
	}
	trend := track.GrowthOf(c.Gauge(track.GaugeKey{Kind: track.AcceptQueue, NetNS: l.NetNS, Local: l.Local}))
	if left, ok := timeLeft(trend, int(l.RecvQ), uint64(l.SendQ)+1); ok {
		return fmt.Sprintf("at this rate the accept queue is full in %s", Span(left))
	}
	return ""
}

// waited is how long at least a connection has been in the accept queue: it
// has been silent there since its last segment, and was seen since.
func (c *Case) waited(s *socket.Socket) time.Duration {
	d := c.Age(s).AtLeast
	if s.Has(socket.HasTCPInfo) {
		d = max(d, min(s.TCP.LastAckRecv, s.TCP.LastDataRecv))
	}
	return d
}
