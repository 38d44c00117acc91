package rules

import (
	"fmt"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
)

func orphans() leak.Rule {
	return leak.Rule{
		ID: "orphans", Title: "closed connections that their peers do not let go", Severity: leak.Suspect,
		Doc: leak.Doc{
			Means: "The program has closed these connections, but the kernel still holds them: data is not acknowledged, " +
				"or the peer does not close. They take memory (tcp_max_orphans), not descriptors.",
			Causes: "close() with data still to send, to peers that do not read or are gone; a load test that was " +
				"stopped; a server that closes on clients that keep their end open.",
			Evidence: "On a port on which the program listens, several (3) sockets without owner in FIN_WAIT1, CLOSING or " +
				"LAST_ACK with data in the send queue, and none sent for a fifth more than grace (6 s): the program has done its " +
				"part, so that it is a suspicion at most. All others by port or destination: a note from sixty-four.",
			BlindSpot: "Who closed them is in no table: they are attributed to the target that listens on the port or is " +
				"connected to the same place, and where there is none they are not mentioned. They end by " +
				"tcp_orphan_retries, so that one sample shows only the newest.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "send no more than the peer reads before close(); TCP_USER_TIMEOUT (or SO_LINGER) bounds what is left where peers vanish",
			socket.Python:         "read until b'' before sock.close(); sock.setsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT, 30000)",
			socket.Go:             "tcp.SetLinger(0) only for peers that are given up: it resets; else conn.CloseWrite() and read with a deadline",
			socket.Native:         "shutdown(fd, SHUT_WR), read until 0 with SO_RCVTIMEO, close(fd); setsockopt TCP_USER_TIMEOUT, TCP_LINGER2",
		}},
		Check: checkOrphans,
	}
}

// manyOrphans is the number from which on they are mentioned.
const manyOrphans = 64

// checkOrphans judges those of the program's listeners one by one, and the
// rest by their number.
func checkOrphans(c *leak.Case) []leak.Finding {
	out := stuckOrphans(c)
	for _, ns := range c.Now().Namespaces {
		for _, o := range ns.Ownerless {
			if o.State == socket.TimeWait || o.Count < manyOrphans {
				continue
			}
			owner := c.OwnerOfRest(ns.ID, o)
			if owner.PID == 0 {
				continue // the other end of somebody's connection
			}
			f := leak.Finding{Level: leak.Note, Process: owner,
				Summary:  fmt.Sprintf("%d closed connections to %s linger in %s", o.Count, o.Remote, o.State),
				Evidence: []string{"no program holds them; the kernel waits for the peer"}}
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
func stuckOrphans(c *leak.Case) []leak.Finding {
	by := map[*socket.Socket][]*socket.Socket{}
	var order []*socket.Socket
	for _, s := range c.Now().Sockets {
		if len(s.Holders) > 0 || s.Listener != 0 || !s.IsTCP() || s.SendQ == 0 || stuckSince(c, s) < c.Settings.Ripe() || keptByURing(s) {
			continue
		}
		l := c.Listener(s)
		if p := c.Owner(l); p == nil || !p.Target {
			continue
		}
		if by[l] == nil {
			order = append(order, l)
		}
		by[l] = append(by[l], s)
	}
	var out []leak.Finding
	for _, l := range order {
		list := by[l]
		if len(list) < c.Settings.Several {
			continue
		}
		var bytes uint64
		for _, s := range list {
			bytes += uint64(s.SendQ)
		}
		id := c.Owner(l).ID
		f := leak.Finding{Level: leak.Suspect, Process: id, Processes: []socket.ProcessID{id}, Role: track.Accepted, Local: l.Local, Sockets: list,
			Summary: fmt.Sprintf("closed %s that clients of port %d do not let go", words.Plural(len(list), "connection"), l.Local.Port()),
			Evidence: []string{fmt.Sprintf("no descriptor is left; %d bytes wait in %s, and nothing was acknowledged",
				bytes, list[0].State)},
			Unknown: []string{"whether the peers are gone or only slow is not known"},
			Matters: "each holds kernel memory until the peer or a time-out ends it (net.ipv4.tcp_max_orphans)"}
		f.Age.AtLeast = stuckSince(c, list[0])
		out = append(out, f)
	}
	return out
}

// stuckSince is how long at least no data has moved on an orphan. Zero-window
// probes are answered, so that ACKs prove nothing.
func stuckSince(c *leak.Case, s *socket.Socket) time.Duration {
	if s.Has(socket.HasTCPInfo) {
		return s.TCP.LastDataSent
	}
	return c.Idle(s)
}
