package rules

import (
	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// What several rules ask before they accuse. Each takes the healthy program
// that it acquits.

func programStopped(program string) leak.Spare {
	return leak.Spare{ID: "stopped", Program: program,
		Means:   "the program is stopped or frozen: it can do nothing",
		Unknown: "whether the program is stopped is not known",
		Ask:     func(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer { return c.Stopped(s) }}
}

func stillSending(program string) leak.Spare {
	return leak.Spare{ID: "sending", Program: program,
		Means:   "the program still sends: half-closed connections may be used that way",
		Unknown: "whether the program still sends is not known; a second sample would tell",
		Ask:     func(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer { return c.Sending(s) }}
}

func stillReceiving(program string) leak.Spare {
	return leak.Spare{ID: "receiving", Program: program,
		Means:   "data still arrives: the peer has not finished",
		Unknown: "whether data still arrives is not known; a second sample would tell",
		Ask:     func(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer { return c.Receiving(s) }}
}

func peerWaits(program string) leak.Spare {
	return leak.Spare{ID: "peer-waits", Program: program,
		Means:   "the peer has only shut down its sending side, holds the connection and may wait for an answer",
		Unknown: "whether the peer still waits for an answer is not known: its end was not found on this machine",
		Ask:     func(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer { return c.PeerWaits(s) }}
}

func served(program string) leak.Spare {
	return leak.Spare{ID: "served", Program: program,
		Means: "the program is at work for it: its request has no answer yet, and the program waits for answers of its own " +
			"upstream",
		Unknown: "whether the program is still at work for them is not known: a thread is free or an event loop runs, and a " +
			"request may be waiting for its answer",
		Ask: (*leak.Case).Served}
}

func usedOften(program string) leak.Spare {
	return leak.Spare{ID: "used-often", Program: program,
		Means:   "it was used more than once, as a pool does",
		Unknown: "whether they were used more than once is not known",
		Ask:     (*leak.Case).UsedOften}
}

func usedAgain(program string) leak.Spare {
	return leak.Spare{ID: "used-again", Program: program,
		Means:   "it was used again between two samples",
		Unknown: "whether they are used again is not known; try --for 30s",
		Ask:     func(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer { return c.UsedAgain(s) }}
}

func closedAsLong(program string) leak.Spare {
	return leak.Spare{ID: "closed-meanwhile", Program: program,
		Means:   "others of the kind that had been left as long were closed meanwhile: they have an expiry date",
		Unknown: "whether the program closes them after a while is not known; try --for 30s",
		Ask:     func(c *leak.Case, g *leak.Group, _ *socket.Socket) leak.Answer { return c.ClosedAsLong(g) }}
}

// closedLater is closedAsLong for connections of which each has its own
// handler: old ones that leak do not convict the young of slow handlers.
func closedLater(program string) leak.Spare {
	return leak.Spare{ID: "closed-meanwhile", Program: program,
		Means:   "others that had been left as long were closed meanwhile: their handler is slow, and closes at its end",
		Unknown: "whether the program closes them after a while is not known; try --for 30s",
		Ask:     (*leak.Case).ClosedLater}.InOneLook(leak.No)
}

func inStep(program string) leak.Spare {
	return leak.Spare{ID: "in-step", Program: program,
		Means:   "a client that the program serves came with each, or a thread that keeps it for its next task",
		Unknown: "whether a thread or a client came with each is not known; try --for 30s",
		Ask:     (*leak.Case).InStep}
}

// threadWaits: a thread of its own that sleeps on a connection expects
// something of it. Where the program opens ever more of them, each may also be
// the reader of a client object that was forgotten.
func threadWaits(program string) leak.Spare {
	return leak.Spare{ID: "thread-waits", Program: program,
		Means:   "a thread sleeps in a call on it: it expects something",
		Unknown: "whether anything is still expected of them is not known: a thread waits for each",
		Ask: func(c *leak.Case, g *leak.Group, s *socket.Socket) leak.Answer {
			if leak.Threaded(s) {
				if g.Role != track.Accepted && c.Accumulates(g) == leak.Yes {
					return leak.Unknown
				}
				return leak.Yes
			}
			if c.Registered(s) == leak.Unknown {
				return leak.Unknown
			}
			return leak.No
		}}
}

// onePerThread: threads that were there before may each open one at their
// first task.
func onePerThread(program string) leak.Spare {
	return leak.Spare{ID: "one-per-thread", Program: program, Means: "-",
		Unknown: "whether each belongs to a thread of a pool is not known: the process has as many threads",
		Ask: func(c *leak.Case, g *leak.Group, s *socket.Socket) leak.Answer {
			if g.Role == track.Accepted || c.OnePerThread(g, s) == leak.No {
				return leak.No
			}
			return leak.Unknown
		}}
}

// subscription: an event loop keeps what it expects something from, as well
// as what it has forgotten.
func subscription(program string) leak.Spare {
	return leak.Spare{ID: "subscription", Program: program,
		Means: "it was accepted and an event loop waits for its next request",
		Unknown: "whether anything is still expected of them is not known: they are registered with an event loop, and a silent " +
			"subscription looks the same",
		Ask: func(c *leak.Case, g *leak.Group, s *socket.Socket) leak.Answer {
			registered := c.Registered(s)
			if registered == leak.Yes && leak.PoolReads(s) {
				return leak.No
			}
			if registered == leak.Yes {
				if g.Role == track.Accepted {
					return leak.Yes
				}
				return leak.Unknown
			}
			return registered
		}}
}
