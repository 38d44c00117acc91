package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func finWait2Held() Rule {
	return Rule{
		ID: "fin-wait2-held", Title: "shutdown() was called, close() never followed", Severity: Leak,
		Doc: Doc{Means: "The program has shut down its sending side (RFC 9293: FIN_WAIT_2) and keeps the descriptor, while the peer has not closed."},
		Remedy: Remedy{
			socket.RuntimeUnknown: "call close() after shutdown(); read the peer's answer with a timeout",
			socket.Python:         "shutdown() does not free the descriptor: close() in `finally`; settimeout() before the last recv()",
		},
		Check: checkFinWait2,
	}
}

// checkFinWait2 judges sockets in FIN_WAIT2 that have a descriptor: those
// without one are orphans, which the kernel reaps after tcp_fin_timeout.
func checkFinWait2(c *Case) []Finding {
	list := c.Open(func(s *socket.Socket) bool {
		return s.State == socket.FinWait2 && s.Inode != 0 && len(s.Holders) > 0 && c.past(s) && !c.receiving(s)
	})
	var out []Finding
	for _, g := range c.groups(list) {
		level, ok := c.finWait2Level(g)
		if !ok {
			continue
		}
		f := c.finding(g, level, fmt.Sprintf("shut down %s to %s and never closed", plural(len(g.sockets), "connection"), g.where()))
		f.Evidence = append(f.Evidence, "FIN_WAIT2 with a descriptor and no timer: the program holds it, the kernel will not reap it")
		f.Evidence = appendWords(f.Evidence, c.ends(g.sockets).words())
		out = append(out, f)
	}
	return out
}

// finWait2Level is silent about a program that waits for the peer's answer,
// as half-close protocols do, until its patience should be over.
func (c *Case) finWait2Level(g group) (Level, bool) {
	old := c.Age(g.sockets[0]).AtLeast
	switch {
	case c.unwatched(g.sockets):
		if c.proven(g) {
			return Leak, true
		}
		return Suspect, true
	case c.trend(g).Growing:
		return Leak, true
	case threaded(g.sockets):
		return Suspect, old >= patience
	}
	return Suspect, old >= c.Settings.Proof
}

// receiving reports whether data arrived within the grace period or between
// two looks.
func (c *Case) receiving(s *socket.Socket) bool {
	if s.Has(socket.HasTCPInfo) && s.TCP.BytesReceived > 0 && s.TCP.LastDataRecv < c.Settings.Grace {
		return true
	}
	k := c.Track(s)
	return k != nil && k.Moved.After(k.StateSince) && c.Now().Taken.Sub(k.Moved) < 2*c.Settings.Grace
}
