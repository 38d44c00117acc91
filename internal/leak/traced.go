package leak

import (
	"fmt"
	"strings"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// dataOf is what a trace saw of the data on a socket since its birth; nil where
// it did not see all.
func dataOf(s *socket.Socket) *socket.DataLife {
	if s.Life == nil || !s.Life.Whole || s.Origin == nil {
		return nil
	}
	return s.Life.Data
}

// bornAt is when a socket was made, as a trace saw it; zero where none did.
func bornAt(s *socket.Socket) time.Time {
	if s.Life == nil || !s.Life.Whole || s.Origin == nil {
		return time.Time{}
	}
	return s.Origin.At
}

// mostInOneUse is how many answers one question may have: those of a handshake
// of TLS, and its own.
const mostInOneUse = 4

// UsedOnce reports whether a connection was used for one question.
func UsedOnce(s *socket.Socket) Answer {
	if d := dataOf(s); d != nil {
		return AnswerOf(d.Takings <= 1 && d.Answers > 0 && d.Answers <= mostInOneUse)
	}
	return AnswerOf(Exchanges(s) == 1 && Untouched(s) == No)
}

// Use is when a connection began to be used, or was opened for that, and when
// that ended; both are times ago.
func (c *Case) Use(s *socket.Socket) (first, last time.Duration) {
	if d := dataOf(s); d != nil && !d.Last.IsZero() {
		now := c.Now().Taken
		return now.Sub(s.Origin.At), now.Sub(d.Last)
	}
	return max(s.TCP.LastDataSent, s.TCP.LastDataRecv), min(s.TCP.LastDataSent, s.TCP.LastDataRecv)
}

// openedBy returns the process that made the socket, as a trace saw it.
func openedBy(s *socket.Socket) (id socket.ProcessID, known bool) {
	if bornAt(s).IsZero() {
		return id, false
	}
	return s.Origin.Process, true
}

// tracedWords say what a trace saw of the life of the group's sockets: how often
// they were used, who made and who left them.
func (c *Case) tracedWords(g *Group) (list []string) {
	return AppendWords(AppendWords(AppendWords(nil, c.usesWords(g)), c.makersWords(g)), c.leaversWords(g))
}

// usesWords say of connections that the program opened how often each was used,
// and how many others were opened meanwhile.
func (c *Case) usesWords(g *Group) string {
	var once, never, again, later int
	var silent time.Time // since when the first of them is
	for _, s := range g.Sockets {
		d := dataOf(s)
		switch {
		case d == nil || !c.Opened(s):
			continue
		case d.Last.IsZero():
			never++
		case UsedOnce(s) == Yes:
			once++
		default:
			again++
		}
		since := s.Origin.At
		if d.Last.After(since) {
			since = d.Last
		}
		if silent.IsZero() || since.Before(silent) {
			silent = since
		}
	}
	if once+never+again == 0 {
		return ""
	}
	for _, s := range g.All {
		if bornAt(s).After(silent) {
			later++
		}
	}
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{once, "used once"}, {again, "used more often"}, {never, "never used"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d of %d %s", p.n, len(g.Sockets), p.what))
		}
	}
	text := "as traced, " + strings.Join(parts, ", ")
	if later > 0 {
		text += fmt.Sprintf("; %d more opened after the first had fallen silent", later)
	}
	return text
}

// makersWords name who made what none of its holders has made.
func (c *Case) makersWords(g *Group) string {
	for _, s := range g.Sockets {
		if id, known := openedBy(s); known && len(s.Holders) > 0 && !s.HeldBy(id) {
			return fmt.Sprintf("as traced, %s made it %s ago: who holds it has inherited it, or was given it", c.processWords(id), words.Span(c.Now().Taken.Sub(s.Origin.At)))
		}
	}
	return ""
}

// leaversWords name who has closed a descriptor of what others still hold.
func (c *Case) leaversWords(g *Group) string {
	for _, s := range g.Sockets {
		if id, at, ok := c.leftBy(s); ok {
			return fmt.Sprintf("as traced, %s closed its descriptor %s ago", c.processWords(id), words.Span(c.Now().Taken.Sub(at)))
		}
	}
	return ""
}

// leftBy returns who has closed its descriptor of the socket and holds none any
// more.
func (c *Case) leftBy(s *socket.Socket) (id socket.ProcessID, at time.Time, ok bool) {
	if s.Life == nil || s.Life.Left == nil || s.HeldBy(s.Life.Left.Process) {
		return id, at, false
	}
	return s.Life.Left.Process, s.Life.Left.At, true
}

func (c *Case) processWords(id socket.ProcessID) string {
	if p := c.Now().Process(id); p != nil {
		return fmt.Sprintf("%s (pid %d)", p.Name, id.PID)
	}
	return fmt.Sprintf("pid %d", id.PID)
}
