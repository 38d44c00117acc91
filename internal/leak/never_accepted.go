package leak

import (
	"fmt"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

func neverAccepted() Rule {
	return Rule{
		ID: "never-accepted", Title: "clients are connected, and the program never calls accept()", Severity: Leak,
		Doc: Doc{Means: "The kernel has finished the handshake for these clients, but the program has not taken them out of the listener's accept queue."},
		Remedy: Remedy{
			socket.RuntimeUnknown: "keep the accept loop alive: an exception, a full thread pool or a descriptor limit must not end it; close listeners that are no longer served",
		},
		Check: checkNeverAccepted,
	}
}

func checkNeverAccepted(c *Case) []Finding {
	queued := map[uint64][]*socket.Socket{}
	for _, s := range c.Open(func(s *socket.Socket) bool { return s.Listener != 0 }) {
		queued[s.Listener] = append(queued[s.Listener], s)
	}
	var out []Finding
	for _, l := range c.Now().Sockets {
		if l.State == socket.Listen && l.IsTCP() && len(queued[l.Inode]) > 0 && c.ofTarget(l) {
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
	if oldest >= c.Settings.Proof || oldest >= 2*c.Settings.Grace && !threaded(listeners) {
		level = Leak
	}
	g := group{place: c.placeOf(l), sockets: list}
	f := c.finding(g, level, fmt.Sprintf("never accepted %s on port %d", plural(len(list), "connection"), l.Local.Port()))
	f.Age.AtLeast, f.Age.Bounded = oldest, false
	f.Trend = c.trend(group{sockets: list})
	f.Watched = c.watched(listeners)
	f.Evidence = append(f.Evidence, fmt.Sprintf("they have no inode: accept() has not returned them; %d of at most %d are queued", l.RecvQ, l.SendQ))
	if closed > 0 {
		f.Evidence = append(f.Evidence, fmt.Sprintf("%d of their clients have given up (CLOSE_WAIT)", closed))
	}
	if l.RecvQ > l.SendQ {
		f.Matters = "the accept queue is full: new clients are not answered"
	}
	return f, true
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
