package rules

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

func heldByWorker() leak.Rule {
	return leak.Rule{
		ID: "held-by-worker", Title: "answered, and held open by a process that does not wait for it", Severity: leak.Leak, General: true, Stage: true,
		Doc: leak.Doc{
			Means: "The program has accepted the connection and answered, and no thread and no event loop of any of its processes " +
				"waits for the next request: the worker that handled it is done, and a copy of the descriptor keeps it open.",
			Causes: "fork() after accept() without closing in the parent; a connection handed to a worker by SCM_RIGHTS " +
				"or multiprocessing, and kept by the sender; a handler that ended without closing.",
			Evidence: "ESTABLISHED on a port on which the program listens, both queues empty, nothing moved for twice the " +
				"grace period (10 s), and it is known that no epoll set and no thread waits.",
			BlindSpot: "Waiting elsewhere is serving: a synchronous server, gevent or Trio wait for their upstream meanwhile, and it " +
				"is not known whose turn is next. It is proven where one process served it and has closed, and another still " +
				"holds it, and where such connections only accumulate.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "after fork, close the connection in the parent, and the other workers' connections in each child",
			socket.Python:         "conn.close() in the parent after os.fork() or Process(args=(conn,)): each process has a copy, and the last one to close ends it",
			socket.Go:             "(*net.TCPConn).File() duplicates: close both the file and the conn after passing it to a child",
			socket.Node:           "after worker.send(msg, socket) the parent must drop the socket; do not use keepOpen: true",
			socket.Ruby:           "conn.close in the parent after fork { serve(conn) }; the other children close theirs",
			socket.Native:         "pid = fork(); if (pid > 0) close(conn); - also after sendmsg(SCM_RIGHTS)",
			socket.PHP:            "fclose($conn) in the parent after pcntl_fork(); the children close each other's",
		}},
		States: socket.StateSet(socket.Established),
		Match: func(c *leak.Case, s *socket.Socket) bool {
			return s.State == socket.Established && s.IsTCP() && s.RecvQ == 0 && s.SendQ == 0 && held(s) && c.Accepted(s)
		},
		Ripe: func(c *leak.Case, s *socket.Socket) bool { return c.Idle(s) >= 2*c.Settings.Grace },
		Spares: []leak.Spare{
			programStopped("stopped/noted.py"),
			{ID: "waited", Program: "idle-server/clean-threads.py", Means: "a thread or an event loop waits for its next request",
				Unknown: "whether anybody waits for their next request is not known",
				Ask: func(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer {
					if c.Registered(s) == leak.Unknown { // then nobody is accused: most servers have somebody waiting
						return leak.Yes
					}
					return c.Registered(s)
				}},
			{ID: "answer-due", Program: "slow-upstream/clean.py", Means: "its request has no answer yet: somebody is at work for it",
				Unknown: "whether its request was answered is not known",
				Ask:     func(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer { return c.AnswerDue(s) }},
			{ID: "at-work", Program: "idle-server/clean-push.py",
				Means:   "a thread is at something for each, or came with each: it may push something at any time",
				Unknown: "whether a free thread or an event loop will come back to them is not known",
				Ask:     mayPush},
		},
		Grounds: []leak.Proof{
			copyKept("held-by-worker/leaky-pool.py"),
			accumulate("held-by-worker/leaky-pool.py"),
			{ID: "nobody", Program: "held-by-worker/leaky-pool.py", Means: "all threads of all holders sleep on other descriptors", Ask: nobodyFree},
		},
		Proofs: []leak.Proof{
			copyKept("held-by-worker/leaky-pool.py"),
			accumulate("held-by-worker/leaky-pool.py"),
		},
		Say: func(c *leak.Case, g *leak.Group, f *leak.Finding) {
			idle := c.Idle(g.Sockets[0])
			f.Summary = fmt.Sprintf("holds %s from %s that no thread serves", words.Plural(len(g.Sockets), "accepted connection"), c.Where(f))
			f.Age.AtLeast = idle
			f.Evidence = append(f.Evidence, fmt.Sprintf("answered and then silent for at least %s; nobody waits for the next request", words.Span(idle)))
			f.Evidence = leak.AppendWords(f.Evidence, c.EndsWords(g.Sockets))
		},
	}
}

// mayPush reports whether somebody may still do something with a connection
// that was answered: a thread is at something for each like it, or came with
// each, an event loop may write at any time, or a thread is free and they do
// not accumulate.
func mayPush(c *leak.Case, g *leak.Group, s *socket.Socket) leak.Answer {
	busied := c.Busied(g, s)
	switch {
	case busied == leak.Yes:
		return leak.Yes
	case c.CopyKept(s) == leak.Yes:
		return leak.No
	case busied == leak.Unknown:
		return leak.Unknown
	}
	if c.ThreadsInStep(g) == leak.Yes { // each has one, which waits for something to say
		return leak.Yes
	}
	if c.FreeForEach(g, s) {
		return leak.Unknown
	}
	if c.Accumulates(g) == leak.Yes || nobodyFree(c, &leak.Group{Sockets: []*socket.Socket{s}}) == leak.Yes {
		return leak.No
	}
	return leak.Unknown
}

// nobodyFree reports whether it is known of all holders that every thread
// sleeps on another descriptor, and that none runs an event loop.
func nobodyFree(c *leak.Case, g *leak.Group) leak.Answer {
	for _, s := range g.Sockets {
		for i := range s.Holders {
			if w := c.WorkOf(s.Holders[i].Process); !w.Known || w.Events || w.Free > 0 || w.Asked > 0 {
				return leak.No
			}
		}
	}
	return leak.Yes
}

// copyKept: two processes held it, and the one that served it has closed.
func copyKept(program string) leak.Proof {
	return leak.Proof{ID: "copy-kept", Program: program,
		Means: "two processes held it, the one that served it has closed, and the other keeps its copy",
		Ask: func(c *leak.Case, g *leak.Group) leak.Answer {
			for _, s := range g.Sockets {
				if c.CopyKept(s) == leak.Yes {
					return leak.Yes
				}
			}
			return leak.No
		}}
}
