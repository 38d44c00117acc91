package rules

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

func saturated() leak.Rule {
	return leak.Rule{
		ID: "saturated", Title: "every worker is busy, and clients wait in the accept queue", Severity: leak.Suspect,
		Doc: leak.Doc{
			Means: "The program serves as many connections as it can, and the next ones wait in the kernel. Nothing leaks: the " +
				"limit of workers or connections is reached, or what they wait for is slow.",
			Causes: "A fixed number of workers (pm.max_children, workers, threads) behind a slow upstream; idle clients that hold " +
				"a worker each; a limit of connections.",
			Evidence: "The head of an accept queue does not move for the grace period (5 s), while accepted connections wait for their " +
				"answer. A UNIX listener's queue is UNIX_DIAG_RQLEN.",
			BlindSpot: "Which limit it is: that is the program's own.",
		},
		Remedy: leak.Remedy{
			Any: leak.Advice{
				socket.RuntimeUnknown: "find what the workers wait for and bound it; raise the number of workers only if the machine has room",
				socket.Python:         "gunicorn: --workers, --threads, --timeout; bound every upstream call with a time-out",
				socket.PHP:            "pm.max_children, request_terminate_timeout and request_slowlog_timeout in the pool's configuration",
			},
			Operator: "look at what its workers wait for and bound that; raise its limit of workers or connections only if the machine has room",
		},
		Match: func(c *leak.Case, s *socket.Socket) bool {
			return s.Listener != 0 || s.State == socket.Listen && s.Family == socket.Unix && neglected(s)
		},
		Ripe: func(c *leak.Case, s *socket.Socket) bool {
			if s.State == socket.Listen { // a UNIX queue without its sockets: only several looks know
				return queueStands(c, s) && !c.QueueSeen(s)
			}
			return queuedFor(c, s) >= c.Settings.Grace
		},
		Spares: []leak.Spare{
			programStopped("stopped/noted.py"),
			{ID: "queue-moves", Program: "saturated/clean.py",
				Means: "the queue moves: its head was accepted between two samples", Unknown: "whether the queue moves is not known; try --for 30s",
				Ask: func(c *leak.Case, g *leak.Group, s *socket.Socket) leak.Answer {
					if s.State == socket.Listen {
						return leak.No
					}
					return queueMoves(c, g, s)
				}},
		},
		Say: func(c *leak.Case, g *leak.Group, f *leak.Finding) {
			l := g.Sockets[0]
			if l.State != socket.Listen {
				l = c.Listener(l)
			}
			n, backlog := len(g.Sockets), uint32(0)
			if l != nil && l.Has(socket.HasQueues) {
				n, backlog = max(int(l.RecvQ), n), l.SendQ
			}
			f.Summary = fmt.Sprintf("is saturated: %s in the accept queue%s", plural(n, "client waits", "clients wait"), onPort(f))
			f.Evidence = append(f.Evidence, "every worker is busy, or a limit of the program is reached: the head of the queue does not move")
			if backlog > 0 {
				f.Evidence = append(f.Evidence, fmt.Sprintf("%d wait in a queue with a backlog of %d", n, backlog))
			}
			sayUpstream(c, g, f)
			adviseUpstream(c, g, f, "wait")
			f.Matters = "clients wait, and are turned away when the queue is full"
		},
	}
}

// queueStands reports whether a UNIX listener's queue was never empty over
// several looks.
func queueStands(c *leak.Case, s *socket.Socket) bool {
	k := c.Track(s)
	return k != nil && c.Window() >= c.Settings.Grace && k.RecvQMin > 0
}
