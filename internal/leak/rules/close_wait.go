package rules

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
)

// What the rules of the CLOSE_WAIT family share. The peer has closed; the
// program must do the same, and has not. How much of the stream is unread
// tells why: the kernel counts the peer's FIN as one byte of the receive
// queue (tcp_fin in net/ipv4/tcp_input.c advances rcv_nxt). A FIN that arrives
// with data, or behind it, may fall into either class: so all are judged as
// one population, and the finding is named after what most of them show.

// closeWait wants the held sockets in CLOSE_WAIT, accepted or opened.
func closeWait(accepted bool) func(*leak.Case, *socket.Socket) bool {
	return func(c *leak.Case, s *socket.Socket) bool {
		return s.State == socket.CloseWait && held(s) && s.IsTCP() && c.Accepted(s) == accepted
	}
}

// classes counts how much is unread in the receive queues. Where that is not
// known, the end is taken for read: the name of the finding hangs on it, not
// its level.
type classes struct{ eofRead, eofUnread, dataUnread int }

func classesOf(list []*socket.Socket) classes {
	var n classes
	for _, s := range list {
		switch {
		case leak.EndRead(s) != leak.No:
			n.eofRead++
		case s.RecvQ == 1 || closeNotify(s.RecvQ):
			n.eofUnread++
		default:
			n.dataUnread++
		}
	}
	return n
}

// rule names the rule that most of the sockets belong to.
func (n classes) rule() string {
	switch {
	case n.eofRead >= n.eofUnread && n.eofRead >= n.dataUnread:
		return "close-wait-eof-read"
	case n.dataUnread > n.eofUnread:
		return "close-wait-data-unread"
	}
	return "close-wait-eof-unread"
}

// sayCloseWait writes what all findings about CLOSE_WAIT say.
func sayCloseWait(c *leak.Case, g *leak.Group, f *leak.Finding) {
	n := classesOf(g.Sockets)
	f.Rule = n.rule()
	f.Summary = fmt.Sprintf("holds %s that %s closed", words.Plural(len(g.Sockets), "socket"), c.Where(f))
	f.Evidence = append(f.Evidence, n.words(g.Sockets)...)
	f.Evidence = leak.AppendWords(f.Evidence, c.EndsWords(g.Sockets))
	sayUpstream(c, g, f)
	if g.Role == track.Accepted && owed(c, g.Sockets) {
		adviseUpstream(c, g, f, "give up")
	}
}

// owed reports whether most of the sockets still wait for an answer.
func owed(c *leak.Case, list []*socket.Socket) bool {
	n := 0
	for _, s := range list {
		if c.AnswerDue(s) == leak.Yes {
			n++
		}
	}
	return 2*n > len(list)
}

// words says how much is unread.
func (n classes) words(list []*socket.Socket) []string {
	var out []string
	count := func(some int) string {
		if some == len(list) {
			return ""
		}
		return fmt.Sprintf(" of %d", some)
	}
	if n.eofRead > 0 {
		if list[0].Has(socket.HasQueues) {
			out = append(out, fmt.Sprintf("the peer's FIN%s was consumed (recv-q 0) and close() never followed", count(n.eofRead)))
		} else {
			out = append(out, "the peer has closed and close() never followed; how much is unread is not known of "+list[0].Proto())
		}
	}
	if n.eofUnread > 0 {
		text := fmt.Sprintf("the peer's FIN%s is still unread (recv-q 1)", count(n.eofUnread))
		if q := firstNotify(list); q > 1 {
			text = fmt.Sprintf("the peer's FIN%s is still unread: recv-q %d is the size of a TLS close_notify and the FIN", count(n.eofUnread), q)
		}
		out = append(out, text)
	}
	if n.dataUnread > 0 {
		var bytes uint64
		for _, s := range list {
			if leak.EndRead(s) == leak.No && !closeNotify(s.RecvQ) {
				bytes += uint64(s.RecvQ - 1)
			}
		}
		out = append(out, fmt.Sprintf("%d bytes and the peer's FIN%s lie unread", bytes, count(n.dataUnread)))
	}
	return out
}

// closeNotify reports whether a receive queue has the size of an unread TLS
// close_notify alert with the FIN behind it: TLS 1.3 (RFC 8446), and TLS 1.2
// with ChaCha20, GCM, and CBC with SHA-1 and SHA-256.
func closeNotify(recvQ uint32) bool {
	switch recvQ {
	case 24, 25, 32, 58, 70:
		return true
	}
	return false
}

func firstNotify(list []*socket.Socket) uint32 {
	for _, s := range list {
		if leak.EndRead(s) == leak.No && closeNotify(s.RecvQ) {
			return s.RecvQ
		}
	}
	return 0
}
