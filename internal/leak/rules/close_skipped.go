package rules

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

func closeSkipped() leak.Rule {
	return leak.Rule{
		ID: "close-skipped", Title: "the function that had the connection has ended without close()", Severity: leak.Leak,
		Doc: leak.Doc{
			Means: "An exception has ended the function before close(), and something keeps the exception: its traceback " +
				"refers to the frame, and the frame to the socket. No code can reach the socket any more, and it stays open.",
			Causes: "close() at the end of a function and not in `finally`; exceptions that are kept in a list, by an error " +
				"reporter or as the result of a future.",
			Evidence: "Of CPython 3.9 to 3.15, out of the process's memory: every reference to the socket's object was found, and " +
				"each is a local variable of a function that has ended. Nobody waits for the socket, and nothing has moved for the " +
				"grace period (5 s).",
			BlindSpot: "An exception that is being handled is kept as well, for as long as that takes: fewer than three are a " +
				"suspicion. What the search did not reach, or C code refers to, is judged by its state alone.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "close in `finally`, so that an exception cannot skip it",
			socket.Python:         "with socket.create_connection(...) as sock: - or close in `finally`; keep str(error) or error.with_traceback(None), not the exception",
		}},
		Match: func(_ *leak.Case, s *socket.Socket) bool { return held(s) && s.Object != nil && s.Object.Ended },
		Ripe:  func(c *leak.Case, s *socket.Socket) bool { return c.Left(s) >= c.Settings.Grace },
		Spares: []leak.Spare{
			programStopped("stopped/noted.py"),
			{ID: "waits", Program: "idle-client/clean-threads.py", Means: "somebody waits for it", Unknown: "whether somebody waits for it is not known",
				Ask: func(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer { return c.Registered(s) }},
		},
		Grounds: []leak.Proof{
			atLeast(2, "more than one", "probe/leaky-traceback.py"),
			pastProof("probe/leaky-traceback.py", inState),
		},
		Proofs: []leak.Proof{
			severalRipe("probe/leaky-traceback.py", inState),
			accumulate("probe/leaky-traceback.py"),
		},
		Say: func(c *leak.Case, g *leak.Group, f *leak.Finding) {
			f.Summary = fmt.Sprintf("lost %s to %s in functions that ended without close()", words.Plural(len(g.Sockets), "connection"), c.Where(f))
			f.Evidence = append(f.Evidence, "only the frames of functions that have ended refer to them: no code can close them any more")
			f.Evidence = leak.AppendWords(f.Evidence, c.EndsWords(g.Sockets))
		},
	}
}
