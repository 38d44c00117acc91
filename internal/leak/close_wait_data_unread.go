package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func closeWaitDataUnread() Rule {
	return Rule{
		ID: "close-wait-data-unread", Title: "the peer closed, and left data that nobody reads", Severity: Leak,
		Doc: Doc{Means: "The other side has sent data and closed the connection; data and end of stream lie unread."},
		Remedy: Remedy{
			socket.RuntimeUnknown: "read until the end or close: a connection whose answer is of no interest must be closed too",
		},
		Check: checkDataUnread,
	}
}

func checkDataUnread(c *Case) []Finding {
	var out []Finding
	for _, g := range c.groups(c.closeWaits(func(q uint32) bool { return q > 1 })) {
		f := c.finding(g, c.unreadLevel(g), fmt.Sprintf("holds %s with unread data that %s closed", plural(len(g.sockets), "socket"), g.where()))
		var bytes uint64
		for _, s := range g.sockets {
			bytes += uint64(s.RecvQ - 1)
		}
		f.Evidence = append(f.Evidence, fmt.Sprintf("%d bytes and the peer's FIN lie unread", bytes))
		if q := g.sockets[0].RecvQ; closeNotify(q) {
			f.Evidence = append(f.Evidence, fmt.Sprintf("recv-q %d is the size of a TLS close_notify and the FIN: perhaps an idle HTTPS pool", q))
		}
		f.Evidence = c.unreadEvidence(f.Evidence, g)
		out = append(out, f)
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
