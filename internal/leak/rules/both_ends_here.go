package rules

import (
	"fmt"
	"slices"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

func bothEndsHere() leak.Rule {
	return leak.Rule{
		ID: "both-ends-here", Title: "socket pairs with both ends in one program, and nobody waits for either", Severity: leak.Leak,
		Doc: leak.Doc{
			Means: "Both ends of these UNIX connections are held by the same program and by nobody else: no other process can ever " +
				"write to them, and the program waits for neither end.",
			Causes: "socketpair() for a child or thread that has ended: the parent closes neither its own end nor the one that was " +
				"meant for the child.",
			Evidence: "UNIX_DIAG_PEER names a socket that the same program holds, both queues are empty, and no epoll set and no thread " +
				"waits for either end.",
			BlindSpot: "Another process that holds a copy and could not be read.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "after fork() close the child's end in the parent; close the parent's end when the child has ended",
			socket.Python:         "child_end.close() in the parent after os.fork(), and parent_end.close() when the child was waited for",
			socket.Node:           "worker.disconnect() and drop the channel when a child has exited",
			socket.Native:         "close(sv[1]) in the parent after fork(), and close(sv[0]) after waitpid()",
		}},
		Match: func(c *leak.Case, s *socket.Socket) bool {
			return s.Family == socket.Unix && s.UnixInfo != nil && s.UnixInfo.PeerInode != 0 && held(s) && s.UnixInfo.Path == "" &&
				s.State != socket.Listen && c.PeerInProgram(s) != nil
		},
		Spares: []leak.Spare{
			programStopped("stopped/noted.py"),
			stays("child-channel/clean.py"),
			{ID: "channel", Program: "both-ends-here/clean-workers.py",
				Means: "each end is held by a process that does not hold the other: a channel between them", Unknown: "-",
				Ask: func(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer {
					peer := c.PeerInProgram(s)
					return leak.AnswerOf(holdsOnly(s, peer) && holdsOnly(peer, s))
				}},
			{ID: "waited", Program: "both-ends-here/clean.py", Means: "somebody waits for one of the ends",
				Unknown: "whether anybody waits for one of the ends is not known",
				Ask: func(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer {
					return either(c.Registered(s), c.Registered(c.PeerInProgram(s)))
				}},
			{ID: "moves", Program: "both-ends-here/clean.py", Means: "data has moved between two samples, or waits",
				Unknown: "-",
				Ask: func(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer {
					k := c.Track(s)
					return leak.AnswerOf(s.RecvQ > 0 || k != nil && !k.Moved.IsZero())
				}},
		},
		Grounds: []leak.Proof{atLeast(2*minPairs, "three pairs or more", "both-ends-here/leaky.py")},
		Proofs:  []leak.Proof{atLeast(2*minPairs, "three pairs or more", "both-ends-here/leaky.py")},
		Say: func(_ *leak.Case, g *leak.Group, f *leak.Finding) {
			f.Summary = fmt.Sprintf("holds both ends of %s that nobody waits for", words.Plural((len(g.Sockets)+1)/2, "socket pair"))
			f.Evidence = append(f.Evidence, "the peer of each is held by the same program: no other process can use them")
		},
	}
}

// minPairs is from how many pairs on they are no accident: a runtime may keep
// one or two to wake itself up.
const minPairs = 3

func either(a, b leak.Answer) leak.Answer {
	switch {
	case a == leak.Yes || b == leak.Yes:
		return leak.Yes
	case a == leak.Unknown || b == leak.Unknown:
		return leak.Unknown
	}
	return leak.No
}

// holdsOnly reports whether a process holds the one socket and not the other.
func holdsOnly(s, other *socket.Socket) bool {
	return slices.ContainsFunc(s.Holders, func(h socket.Holder) bool { return !other.HeldBy(h.Process) })
}
