package rules

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

func closeDeferred() leak.Rule {
	return leak.Rule{
		ID: "close-deferred", Title: "close() was called, and a file object keeps the socket open", Severity: leak.Leak,
		Doc: leak.Doc{
			Means: "For the program the socket is closed, for the kernel and the peer it is open: CPython puts the close off until " +
				"the last object that makefile() has returned is closed or collected, and a duplicate of the descriptor keeps the " +
				"connection whatever is closed.",
			Causes: "A file object of makefile() that is kept and not closed; the answer of urllib or http.client that is neither " +
				"read to its end nor closed; os.fdopen(os.dup(sock.fileno())).",
			Evidence: "Of CPython 3.9 to 3.15, out of the process's memory: the socket's object says that close() was called, and " +
				"how many file objects keep it; or the peer has closed, no socket object has the descriptor, and a file object has a " +
				"duplicate of it. Nobody waits for the socket, and nothing has moved for the grace period (5 s).",
			BlindSpot: "An answer is closed in this way too while it is read: where a thread is free that may read on, several must " +
				"have lain for a minute, or one for five.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "close the file objects that were made of the socket as well",
			socket.Python:         "with sock, sock.makefile() as f: - close every makefile() object and os.dup(); sock.shutdown() before close() ends it for all of them",
		}},
		Match: func(_ *leak.Case, s *socket.Socket) bool {
			return held(s) && s.Object != nil && (s.Object.Closed || duplicated(s))
		},
		Ripe: func(c *leak.Case, s *socket.Socket) bool { return c.Left(s) >= c.Settings.Grace },
		Spares: []leak.Spare{
			programStopped("stopped/noted.py"),
			{ID: "waits", Program: "makefile-reference/clean-reader.py", Means: "somebody waits for it: the file object is being read",
				Unknown: "whether somebody waits for it is not known",
				Ask:     func(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer { return c.Registered(s) }},
			usedAgain("makefile-reference/clean-slow.py").InOneLook(leak.No),
			{ID: "read-on", Program: "makefile-reference/clean-slow.py", Means: "-",
				Unknown: "whether a thread that is free now will read on from the file object is not known",
				Ask:     readOn},
		},
		Grounds: []leak.Proof{
			atLeast(2, "more than one", "makefile-reference/leaky.py"),
			pastProof("makefile-reference/leaky.py", inState),
		},
		Proofs: []leak.Proof{
			severalRipe("makefile-reference/leaky.py", inState),
			pastProof("makefile-reference/leaky.py", inState),
			accumulate("makefile-reference/leaky.py"),
		},
		Say: func(c *leak.Case, g *leak.Group, f *leak.Finding) {
			f.Summary = fmt.Sprintf("called close() on %s to %s, and the kernel still has them open", words.Plural(len(g.Sockets), "connection"), c.Where(f))
			if len(g.Sockets) == 1 {
				f.Summary = fmt.Sprintf("called close() on a connection to %s, and the kernel still has it open", c.Where(f))
			}
			leak.LongestFirst(g.Sockets, c.Left)
			f.Age.AtLeast = c.Left(g.Sockets[0])
			text := "closed in the program and open in the kernel: CPython puts the close off while a makefile() object is open"
			if duplicated(g.Sockets[0]) {
				text = "a duplicate of the descriptor is open: close() on the socket does not end the connection, shutdown() would"
			}
			f.Evidence = append(f.Evidence, text)
			f.Evidence = leak.AppendWords(f.Evidence, c.EndsWords(g.Sockets))
		},
	}
}

// duplicated reports whether a file object has a duplicate of the descriptor of
// a socket that the peer has closed, and no socket object has it any more.
func duplicated(s *socket.Socket) bool {
	return s.Object != nil && s.Object.Type == socket.FileIO && s.State == socket.CloseWait
}

// readOn reports whether a thread may still read from the file object.
func readOn(c *leak.Case, g *leak.Group, s *socket.Socket) leak.Answer {
	left, n := c.Left(s), len(g.All)
	switch w := c.WorkOf(s.Holders[0].Process); {
	case left >= leak.Patience, c.Accumulates(g) == leak.Yes, w.Known && !w.Events && w.Free < n,
		left >= 2*c.Settings.Proof && n >= c.Settings.Several:
		return leak.No
	}
	return leak.Unknown
}
