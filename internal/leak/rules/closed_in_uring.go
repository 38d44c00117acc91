package rules

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

func closedInURing() leak.Rule {
	return leak.Rule{
		ID: "closed-in-uring", Title: "closed, and kept open by a request that is pending in io_uring", Severity: leak.Leak,
		Doc: leak.Doc{
			Means: "No descriptor leads to these sockets any more: the program has closed them. A request in io_uring still refers " +
				"to them, so that no FIN goes out and the peer never learns of the end.",
			Causes: "close() while IORING_OP_RECV or another request is pending on the socket.",
			Evidence: "Sockets of the network namespace with an inode that no process holds, whose owner's uid is that of the only " +
				"process there that uses io_uring.",
			BlindSpot: "Where several processes use io_uring, or some could not be read, it is not known whose they are. A registered " +
				"file (IORING_REGISTER_FILES) that is in use looks the same.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "shutdown() or cancel the pending request (IORING_OP_ASYNC_CANCEL) before close()",
			socket.Python:         "shutdown() before close() where a library has a receive pending in io_uring",
			socket.Native:         "shutdown(fd, SHUT_RDWR), or IORING_OP_ASYNC_CANCEL by fd, before close(fd)",
		}},
		Match: func(_ *leak.Case, s *socket.Socket) bool { return keptByURing(s) },
		Spares: []leak.Spare{
			{ID: "in-use", Program: "closed-in-uring/clean.c", Means: "data moves on it: it is a registered file that is in use",
				Unknown: "whether they are registered files that are in use is not known",
				Ask: func(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer {
					if c.UsedAgain(s) == leak.Yes || c.Sending(s) == leak.Yes || c.Receiving(s) == leak.Yes {
						return leak.Yes
					}
					if s.State == socket.CloseWait && c.Left(s) >= c.Settings.Proof {
						return leak.No
					}
					return leak.Unknown
				}},
		},
		Grounds: []leak.Proof{{ID: "several", Means: "several", Program: "closed-in-uring/suspected.c",
			Ask: func(c *leak.Case, g *leak.Group) leak.Answer {
				return leak.AnswerOf(len(g.Sockets) >= c.Settings.Several)
			}}},
		Proofs: []leak.Proof{severalRipe("closed-in-uring/suspected.c", inState)},
		Say: func(c *leak.Case, g *leak.Group, f *leak.Finding) {
			f.Summary = fmt.Sprintf("keeps %s open through io_uring after close()", words.Plural(len(g.Sockets), "socket"))
			f.Evidence = append(f.Evidence, "they have an inode and no descriptor: only a request pending in io_uring still refers to them")
			f.Evidence = leak.AppendWords(f.Evidence, c.EndsWords(g.Sockets))
		},
	}
}

// keptByURing reports whether only io_uring still refers to the socket.
func keptByURing(s *socket.Socket) bool { return s.KeptBy.PID != 0 && len(s.Holders) == 0 }
