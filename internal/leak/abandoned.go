package leak

import "github.com/sockleak/sockleak/internal/socket"

func abandoned() Rule {
	return Rule{
		ID: "abandoned", Title: "alive in the kernel, abandoned by the program: data unread, and nobody waits", Severity: Leak,
		Doc: Doc{
			Means: "The connection is open and has data for the program, which does not read it: no thread and no epoll " +
				"set waits. It is closed in the language perhaps, and alive in the kernel.",
			Causes: "The last reference was dropped without close(), and the garbage collector has not run (reference " +
				"cycles, makefile() objects, finalizers); or the task that read from it has died.",
			Evidence: "ESTABLISHED, recv-q above 0 for at least the grace period (5 s) and not shrinking. When it is known " +
				"that no thread and no epoll set waits, it is a leak from several (3) sockets that have lain so for " +
				"6 s (a fifth more than grace), or one for proof (30 s). Otherwise only growth proves it.",
			BlindSpot: "Runtimes that keep every socket in their poller (Go, Node) always have somebody waiting; there it " +
				"stays a suspicion without growth. Abandoned connections to a silent peer have nothing unread: see " +
				"slow-leak.",
			LookAlike: "A pipelined or slow consumer: whenever it reads, the clock starts anew. A pool with an unread " +
				"greeting or notification is bounded, and is watched by an event loop in most runtimes.",
		},
		Remedy: Remedy{
			socket.RuntimeUnknown: "close the connection when its use ends; do not leave it to the garbage collector",
			socket.Python:         "close in `finally` or use `with`: in a reference cycle, or under a makefile() object, the socket lives on although it was dropped or closed",
			socket.Go:             "defer conn.Close() right after it was opened; read response bodies to the end and close them",
			socket.Node:           "res.resume() on responses that are not read; socket.destroy() when a request is given up",
			socket.Java:           "try-with-resources: a Cleaner closes at the next garbage collection, which may be hours away",
			socket.Ruby:           "ensure sock.close end: the garbage collector closes some time, or never",
			socket.DotNet:         "using var client = new TcpClient(...): a finalizer runs when memory is short, not when sockets are",
			socket.Native:         "tie the descriptor to its owner (RAII, one cleanup function): whoever drops the connection closes it",
		},
		States: socket.StateSet(socket.Established),
		Want:   func(c *Case, s *socket.Socket) bool { return c.unread(s) && !windowFull(s) },
		Check: func(c *Case, list []*socket.Socket) []Finding {
			return c.unreadFindings(list, "left data unread on %s of %s")
		},
	}
}
