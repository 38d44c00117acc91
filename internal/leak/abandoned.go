package leak

import "github.com/sockleak/sockleak/internal/socket"

func abandoned() Rule {
	return Rule{
		ID: "abandoned", Title: "alive in the kernel, abandoned by the program: data unread, and nobody waits", Severity: Leak,
		Doc: Doc{Means: "The connection is open and has data for the program, which does not read it: no thread and no epoll set waits. Typical when the last reference is dropped without close() and the garbage collector has not run."},
		Remedy: Remedy{
			socket.RuntimeUnknown: "close the connection when its use ends; do not leave it to the garbage collector",
			socket.Python:         "close in `finally` or use `with`: in a reference cycle the socket lives until the garbage collector runs",
			socket.Go:             "defer conn.Close() right after it was opened; read response bodies to the end and close them",
		},
		Check: func(c *Case) []Finding {
			return c.unreadFindings(func(s *socket.Socket) bool { return !windowFull(s) }, "left data unread on %s of %s")
		},
	}
}
