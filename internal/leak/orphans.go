package leak

import (
	"fmt"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

func orphans() Rule {
	return Rule{
		ID: "orphans", Title: "closed connections that their peers do not let go", Severity: Leak,
		Doc: Doc{
			Means: "The program has closed these connections, but the kernel still holds them: data is not acknowledged, " +
				"or the peer does not close. They take memory (tcp_max_orphans), not descriptors.",
			Causes: "close() with data still to send, to peers that do not read or are gone; a load test that was " +
				"stopped; a server that closes on clients that keep their end open.",
			Evidence: "On a port on which the program listens, several (3) sockets without owner in FIN_WAIT1, CLOSING or " +
				"LAST_ACK with data in the send queue, and none sent for a fifth more than grace (6 s), are a leak. " +
				"All others by port or destination: a note from eight, suspect from sixty-four in any state but FIN_WAIT2, which ends by itself after " +
				"tcp_fin_timeout.",
			BlindSpot: "Who closed them is in no table: they are attributed to the target that listens on the port or is " +
				"connected to the same place, and where there is none they are not mentioned. They end by " +
				"tcp_orphan_retries, so that one look shows only the newest.",
			LookAlike: "A busy server always has some in FIN_WAIT2 for a moment; these are a note at most.",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "send no more than the peer reads before close(); TCP_USER_TIMEOUT (or SO_LINGER) bounds what is left where peers vanish",
			socket.Python:         "read until b'' before sock.close(); sock.setsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT, 30000)",
			socket.Go:             "tcp.SetLinger(0) only for peers that are given up: it resets; else conn.CloseWrite() and read with a deadline",
			socket.Native:         "shutdown(fd, SHUT_WR), read until 0 with SO_RCVTIMEO, close(fd); setsockopt TCP_USER_TIMEOUT, TCP_LINGER2",
		},
		Want:  (*Case).stuckOrphan,
		Check: checkOrphans,
	}
}

// The numbers of orphans from which on they are mentioned and suspected.
const (
	someOrphans = 8
	manyOrphans = 64
)

// checkOrphans judges those of the program's listeners one by one, and the
// rest by their number.
func checkOrphans(c *Case, stuck []*socket.Socket) []Finding {
	out := c.stuckOrphans(stuck)
	for _, ns := range c.Now().Namespaces {
		for _, o := range ns.Ownerless {
			if o.State == socket.TimeWait || o.Count < someOrphans {
				continue
			}
			owner := c.ownerOf(ns.ID, o)
			if owner.PID == 0 {
				continue // the other end of somebody's connection
			}
			f := Finding{Level: Note, Process: owner,
				Summary:  fmt.Sprintf("%d closed connections to %s linger in %s", o.Count, o.Remote, o.State),
				Evidence: []string{"no program holds them; the kernel waits for the peer"}}
			if o.Count >= manyOrphans && o.State != socket.FinWait2 {
				f.Level = Suspect
			}
			if o.Local.Port() != 0 {
				f.Local = o.Local
				f.Summary = fmt.Sprintf("%d closed connections on port %d linger in %s", o.Count, o.Local.Port(), o.State)
			} else {
				f.Remote = o.Remote
			}
			out = append(out, f)
		}
	}
	return out
}

// stuckOrphans are closed connections whose last data the peers do not take:
// nothing was acknowledged for a while, and several are in that state.
func (c *Case) stuckOrphans(list []*socket.Socket) []Finding {
	var out []Finding
	for _, g := range c.groups(list) {
		if len(g.sockets) < c.Settings.Several {
			continue
		}
		if p := c.Owner(c.listener(g.sockets[0])); p != nil {
			g.process = p.ID
		}
		var bytes uint64
		for _, s := range g.sockets {
			bytes += uint64(s.SendQ)
		}
		f := c.finding(g, Leak, fmt.Sprintf("closed %s that %s do not let go", Plural(len(g.sockets), "connection"), g.where()))
		f.Age.AtLeast = c.stuckSince(g.sockets[0])
		f.Evidence = []string{
			fmt.Sprintf("no descriptor is left; %d bytes wait in %s, and nothing was acknowledged", bytes, g.sockets[0].State),
		}
		f.Matters = "each holds kernel memory until the peer or a time-out ends it (net.ipv4.tcp_max_orphans)"
		out = append(out, f)
	}
	return out
}

// stuckOrphan reports whether the socket is closed and waits for its peer.
func (c *Case) stuckOrphan(s *socket.Socket) bool {
	return len(s.Holders) == 0 && s.Listener == 0 && s.IsTCP() && s.SendQ > 0 && c.listener(s) != nil &&
		c.stuckSince(s) >= c.Settings.Ripe()
}

// stuckSince is how long at least no data has moved on an orphan. Zero-window
// probes are answered, so that ACKs prove nothing.
func (c *Case) stuckSince(s *socket.Socket) time.Duration {
	if s.Has(socket.HasTCPInfo) {
		return s.TCP.LastDataSent
	}
	return c.Idle(s)
}
