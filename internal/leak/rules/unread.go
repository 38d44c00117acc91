package rules

import (
	"fmt"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
)

// What the rules about unread data in ESTABLISHED share. Who waits for data
// is woken by it: a queue that does not shrink has no reader, whatever is
// registered. The question is whether one comes back to it.

// hasUnread wants ESTABLISHED connections with data in the receive queue. Where
// the send queue is stuck as well, a program that answers before it reads on
// waits for that: send-stuck says so.
func hasUnread(c *leak.Case, s *socket.Socket) bool {
	return s.State == socket.Established && s.RecvQ > 0 && s.Has(socket.HasQueues) && s.IsTCP() && held(s) && !cannotSend(s)
}

// unreadFor is how long at least the data lies unread: since the newest of it
// arrived, or since the receive queue was first seen not to shrink.
func unreadFor(c *leak.Case, s *socket.Socket) time.Duration {
	var d time.Duration
	if s.Has(socket.HasTCPInfo) {
		d = s.TCP.LastDataRecv
	}
	k := c.Track(s)
	if k == nil || k.RecvQMin < s.RecvQ {
		return d
	}
	since := k.First
	if k.Moved.After(since) {
		since = k.Moved
	}
	return max(d, c.Now().Taken.Sub(since))
}

// windowFull reports whether the peer cannot send any more: its own timer
// says so, or the queue is as large as a default window becomes at least.
func windowFull(s *socket.Socket) bool {
	return s.Peer != nil && s.Peer.Timer.Kind == socket.Persist || s.RecvQ >= fullQueue
}

// fullQueue is the least that a default receive window (the middle value of
// net.ipv4.tcp_rmem, 128 KiB, of which half is for data) holds when full.
const fullQueue = 64 << 10

func unreadRipe(c *leak.Case, s *socket.Socket) bool { return unreadFor(c, s) >= c.Settings.Grace }

// readLater reports whether somebody may come back to read: a thread that is
// free now, a queue of an executor that moves, or an event loop that has
// paused it.
func readLater(c *leak.Case, g *leak.Group, s *socket.Socket) leak.Answer {
	d := unreadFor(c, s)
	waitsForTurn := g.Role == track.Accepted && d < leak.Patience && c.AllAsk(s) && c.Accumulates(g) != leak.Yes
	readsOn := d < leak.Patience && c.Track(s).ReadAfter() >= d/2 // it has come back after as long
	if waitsForTurn || readsOn || c.Busied(g, s) == leak.Yes {
		return leak.Yes
	}
	if leak.Threaded(s) || g.Once("relays", func() leak.Answer { return relays(c, g) }) == leak.Yes {
		return leak.Unknown // it waits for more (MSG_WAITALL), or for whoever takes what it read
	}
	several := g.Once("several-unread", func() leak.Answer { return leak.AnswerOf(ripeUnread(c, g) >= c.Settings.Several) })
	if d >= leak.Patience || d >= 2*c.Settings.Proof && several == leak.Yes || c.Accumulates(g) == leak.Yes {
		return leak.No
	}
	w := c.WorkOf(s.Holders[0].Process)
	if w.Known && !w.Events && c.Registered(s) == leak.No && (w.Free+w.Asked == 0 || readerGone(c, g, s)) {
		return leak.No
	}
	return leak.Unknown
}

// readerGone reports whether the program reads each connection with a thread of
// its own, and that of this one has ended.
func readerGone(c *leak.Case, g *leak.Group, s *socket.Socket) bool {
	return c.ReaderGone(g, s, func(o *socket.Socket) time.Duration {
		if !unreadRipe(c, o) {
			return 0
		}
		return unreadFor(c, o)
	})
}

func ripeUnread(c *leak.Case, g *leak.Group) int {
	n := 0
	for _, o := range g.All {
		if unreadRipe(c, o) {
			n++
		}
	}
	return n
}

// relays reports whether the program cannot send on as many connections as it
// does not read from: a relay does not read what it cannot pass on.
func relays(c *leak.Case, g *leak.Group) leak.Answer {
	n := ripeUnread(c, g)
	for _, s := range c.Now().Sockets {
		if s.State == socket.Established && s.SendQ > 0 && s.IsTCP() && held(s) {
			if c.Population(s).Program == g.Program {
				n--
			}
		}
	}
	return leak.AnswerOf(n <= 0)
}

func unreadSpares() []leak.Spare {
	return []leak.Spare{
		programStopped("stopped/noted.py"),
		{ID: "backlog-moves", Program: "executor-backlog/clean.py",
			Means:   "the program works off a backlog: others that had waited as long were served and closed meanwhile",
			Unknown: "whether the program works off a backlog is not known; try --for 30s",
			Ask:     func(c *leak.Case, g *leak.Group, _ *socket.Socket) leak.Answer { return backlogMoves(c, g) }},
		{ID: "read-later", Program: "recv-window-full/clean.py",
			Means: "a thread of the program that accepted it is at something for each such connection, or waits for its upstream; or the " +
				"program was seen to read on after as long a pause",
			Unknown: "whether somebody comes back to read is not known: a thread is free, or an event loop runs and may have paused " +
				"the stream",
			Ask: readLater},
	}
}

func backlogMoves(c *leak.Case, g *leak.Group) leak.Answer {
	if len(c.Looks()) < 2 { // one look: the answer of read-later says as much
		return leak.No
	}
	return c.ClosedAsLong(g)
}

func unreadProofs(program string) []leak.Proof {
	return []leak.Proof{
		severalRipe(program, unreadFor),
		pastProof(program, unreadFor),
		{ID: "peer-blocked", Program: "recv-window-full/leaky.py",
			Means: "the peer blocks on a full window, for a fifth longer than the grace period",
			Ask: func(c *leak.Case, g *leak.Group) leak.Answer {
				for _, s := range g.Sockets {
					if windowFull(s) && unreadFor(c, s) >= c.Settings.Ripe() {
						return leak.Yes
					}
				}
				return leak.No
			}},
		accumulate(program),
	}
}

// sayUnread writes what findings about unread data say.
func sayUnread(c *leak.Case, g *leak.Group, f *leak.Finding) {
	leak.LongestFirst(g.Sockets, func(s *socket.Socket) time.Duration { return unreadFor(c, s) })
	s, full := g.Sockets[0], 0
	for _, o := range g.Sockets {
		if windowFull(o) {
			full++
		}
	}
	what := words.Plural(len(g.Sockets), "connection")
	if f.Rule = "abandoned"; 2*full > len(g.Sockets) {
		f.Rule = "recv-window-full"
		f.Summary = fmt.Sprintf("stopped reading from %s of %s; the receive window is full", what, c.Where(f))
	} else {
		f.Summary = fmt.Sprintf("left data unread on %s of %s", what, c.Where(f))
	}
	f.Age.AtLeast = unreadFor(c, s)
	f.Evidence = append(f.Evidence, fmt.Sprintf("%d bytes unread (recv-q) on the oldest, for at least %s", s.RecvQ, words.Span(unreadFor(c, s))))
	if c.WindowsFull(g.Sockets) > 0 {
		f.Evidence = append(f.Evidence, "the peer's persist timer runs: it wants to send and has no window")
	}
	f.Evidence = leak.AppendWords(f.Evidence, c.EndsWords(g.Sockets))
	sayUpstream(c, g, f)
	if advice := databaseAdvice(c, g, s); advice != "" {
		f.Fix = advice
	}
}

// databaseAdvice names what a program forgets that leaves a database's answer
// unread, where the peer shows itself by its port.
func databaseAdvice(c *leak.Case, g *leak.Group, s *socket.Socket) string {
	p := c.Owner(s)
	if p == nil || c.Accepted(s) {
		return ""
	}
	switch s.Remote.Port() {
	case 1433, 1521, 3306, 5432, 5433, 5544, 6432:
	default:
		if !databasePeer(c, s) {
			return ""
		}
	}
	switch p.Runtime {
	case socket.Go:
		return "defer rows.Close() right after Query, and check rows.Err(): an early return leaves the rest of the result unread"
	case socket.Java:
		return "try-with-resources around Connection, Statement and ResultSet: an early return leaves the rest of the result unread"
	case socket.Python:
		return "close cursors and connections with `with contextlib.closing(...)`: an early return leaves the rest of the result unread"
	}
	return "read results to the end or close the statement: an early return leaves the rest of the result unread"
}

// databasePeer reports whether a database of this machine holds the other end.
func databasePeer(c *leak.Case, s *socket.Socket) bool {
	if s.Peer == nil {
		return false
	}
	for _, h := range s.Peer.Holders {
		if p := c.Now().Process(h.Process); p != nil {
			switch p.Name {
			case "postgres", "mysqld", "mariadbd", "pgbouncer", "oracle":
				return true
			}
		}
	}
	return false
}
