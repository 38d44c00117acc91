package leak

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/socket"
)

func heldByWorker() Rule {
	return Rule{
		ID: "held-by-worker", Title: "closed by one worker, and held open by another process of the program", Severity: Leak,
		Doc: Doc{
			Means: "The program accepted the connection, and no thread of any of its processes waits for it: the worker " +
				"that handled it is done, and a copy of the descriptor in another process keeps it open.",
			Causes: "fork() after accept() without closing in the parent; a connection handed to a worker by SCM_RIGHTS " +
				"or multiprocessing, and kept by the sender.",
			Evidence: "ESTABLISHED on a port on which the program listens, both queues empty, nothing moved for twice the " +
				"grace period (10 s), and it is known that no epoll set and no thread waits. An idle connection that " +
				"is served always has somebody waiting. It is a leak when all threads of all holders are known to " +
				"sleep on other descriptors.",
			BlindSpot: "Where threads cannot be read, or io_uring is in use, it is not known that nobody waits, and nothing " +
				"is said.",
			LookAlike: "A handler that computes or sleeps for long: as long as one thread does not wait on a " +
				"descriptor, it is only suspected. Prefork workers that wait in accept() or epoll.",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "after fork, close the connection in the parent, and the other workers' connections in each child",
			socket.Python:         "conn.close() in the parent after os.fork() or Process(args=(conn,)): each process has a copy, and the last one to close ends it",
			socket.Go:             "(*net.TCPConn).File() duplicates: close both the file and the conn after passing it to a child",
			socket.Node:           "after worker.send(msg, socket) the parent must drop the socket; do not use keepOpen: true",
			socket.Ruby:           "conn.close in the parent after fork { serve(conn) }; the other children close theirs",
			socket.Native:         "pid = fork(); if (pid > 0) close(conn); - also after sendmsg(SCM_RIGHTS)",
		},
		States: socket.StateSet(socket.Established),
		Want:   (*Case).unserved,
		Check:  checkHeldByWorker,
	}
}

// checkHeldByWorker looks at connections that were accepted, are silent, and
// that nobody waits for although all threads are waiting for something. An
// idle connection of a healthy server always has somebody who waits for it.
func checkHeldByWorker(c *Case, list []*socket.Socket) []Finding {
	var out []Finding
	for _, g := range c.groups(list) {
		level := Suspect
		if c.noHands(g) && !c.peersGone(g) {
			level = Leak
		}
		f := c.finding(g, level, fmt.Sprintf("holds %s from %s that no thread serves", Plural(len(g.sockets), "accepted connection"), g.where()))
		f.Age.AtLeast = c.Idle(g.sockets[0])
		f.Evidence = append(f.Evidence, fmt.Sprintf("silent for at least %s; an idle connection that is served has a thread or an epoll set waiting for it", Span(c.Idle(g.sockets[0]))))
		f.Evidence = appendWords(f.Evidence, c.holdersWords(g))
		f.Evidence = appendWords(f.Evidence, c.ends(g.sockets).words())
		out = append(out, f)
	}
	return out
}

// noHands reports whether it is known of every process that holds one of the
// sockets that all its threads sleep on other descriptors.
func (c *Case) noHands(g group) bool {
	for _, s := range g.sockets {
		for i := range s.Holders {
			if c.hands(s.Holders[i].Process) != 0 {
				return false
			}
		}
	}
	return true
}

func (c *Case) peersGone(g group) bool {
	e := c.ends(g.sockets)
	return e.known > 0 && e.held == 0 && e.closed == 0
}

// holdersWords names the processes that hold the sockets, when several do.
func (c *Case) holdersWords(g group) string {
	seen := map[int]bool{}
	for _, s := range g.sockets {
		for i := range s.Holders {
			seen[s.Holders[i].Process.PID] = true
		}
	}
	if len(seen) < 2 {
		return ""
	}
	return fmt.Sprintf("%d processes hold descriptors of them", len(seen))
}

// unserved reports whether the socket was accepted, is silent and has nobody waiting for it.
func (c *Case) unserved(s *socket.Socket) bool {
	return s.State == socket.Established && s.RecvQ == 0 && s.SendQ == 0 && s.Listener == 0 &&
		len(s.Holders) > 0 && s.Watch.Nobody() && c.Accepted(s) && c.Idle(s) >= 2*c.Settings.Grace
}
