package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func finWait2Held() Rule {
	return Rule{
		ID: "fin-wait2-held", Title: "shutdown() was called, close() never followed", Severity: Leak,
		Doc: Doc{
			Means: "The program has shut down its sending side (RFC 9293: FIN_WAIT_2) and keeps the descriptor, while " +
				"the peer has not closed. The kernel does not reap such a socket.",
			Causes: "shutdown() in place of close(); or a graceful close that reads until the peer's end without a " +
				"time-out, from a peer that never sends one.",
			Evidence: "FIN_WAIT2 with an inode and a holder, for at least the grace period (5 s; tcpi_last_ack_recv), and " +
				"no data arriving. A socket that the program has closed would be an orphan without inode, reaped " +
				"after tcp_fin_timeout. It is a leak when it is known that nobody waits and one is older than proof " +
				"(30 s), or several (3) are older than 7.5 s; or when their number grows.",
			BlindSpot: "Where it is not known who waits (poll, io_uring, another user's threads), time alone proves nothing, " +
				"and without growth it stays a suspicion. A peer that keeps the socket alive with keepalive answers " +
				"makes it look younger.",
			LookAlike: "Half-close protocols (git, rsync, nc -N, HTTP/1.0 clients) wait in FIN_WAIT2 for the answer: a " +
				"thread that sleeps on the socket is not mentioned for 5 minutes, an epoll set for 30 s, and " +
				"connections on which data still arrives are left out.",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "call close() after shutdown(); read the peer's last answer with a timeout",
			socket.Python:         "sock.shutdown(SHUT_WR); sock.settimeout(5); read until b''; then sock.close() in `finally`: shutdown() frees no descriptor",
			socket.Go:             "conn.CloseWrite(); conn.SetReadDeadline(time.Now().Add(5*time.Second)); io.Copy(io.Discard, conn); conn.Close()",
			socket.Node:           "socket.end() only half-closes: socket.setTimeout(ms, () => socket.destroy())",
			socket.Java:           "s.shutdownOutput(); s.setSoTimeout(5000); drain the input; s.close() - best in try-with-resources",
			socket.Ruby:           "sock.close_write; IO.select([sock], nil, nil, 5); ensure sock.close end",
			socket.DotNet:         "socket.Shutdown(SocketShutdown.Send); read with a CancellationToken that times out; socket.Close()",
			socket.Native:         "shutdown(fd, SHUT_WR); SO_RCVTIMEO; read until 0; close(fd)",
		},
		States: socket.StateSet(socket.FinWait2),
		Want:   (*Case).shutDown,
		Check:  checkFinWait2,
	}
}

// checkFinWait2 judges sockets in FIN_WAIT2 that have a descriptor: those
// without one are orphans, which the kernel reaps after tcp_fin_timeout.
func checkFinWait2(c *Case, list []*socket.Socket) []Finding {
	var out []Finding
	for _, g := range c.groups(list) {
		level, ok := c.finWait2Level(g)
		if !ok {
			continue
		}
		f := c.finding(g, level, fmt.Sprintf("shut down %s to %s and never closed", Plural(len(g.sockets), "connection"), g.where()))
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
	return c.movedLately(s)
}

// shutDown reports whether the socket was shut down, and nothing arrives any more.
func (c *Case) shutDown(s *socket.Socket) bool {
	return s.State == socket.FinWait2 && s.Inode != 0 && len(s.Holders) > 0 && c.past(s) && !c.receiving(s)
}
