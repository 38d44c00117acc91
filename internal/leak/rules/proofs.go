package rules

import (
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

// What several rules take for a proof, or for grounds for a suspicion. Each
// takes the leaking program that it convicts.

// left is how long a socket has been as the rule describes it.
type left func(*leak.Case, *socket.Socket) time.Duration

func inState(c *leak.Case, s *socket.Socket) time.Duration { return c.Left(s) }

func pastProof(program string, age left) leak.Proof {
	return leak.Proof{ID: "past-proof", Program: program,
		Means: "one has been so for the proof period",
		Ask: func(c *leak.Case, g *leak.Group) leak.Answer {
			return leak.AnswerOf(older(c, g, age, c.Settings.Proof) > 0)
		}}
}

func severalRipe(program string, age left) leak.Proof {
	return leak.Proof{ID: "several-ripe", Program: program,
		Means: "several have been so for a fifth longer than the grace period",
		Ask: func(c *leak.Case, g *leak.Group) leak.Answer {
			return leak.AnswerOf(older(c, g, age, c.Settings.Ripe()) >= c.Settings.Several)
		}}
}

func accumulate(program string) leak.Proof {
	return leak.Proof{ID: "accumulate", Program: program,
		Means: "they only come: some were opened in both halves of the samples, and none that had been left as long was closed",
		Ask: func(c *leak.Case, g *leak.Group) leak.Answer {
			if len(g.Sockets) < c.Settings.Several {
				return leak.No
			}
			return c.Accumulates(g)
		}}
}

// accumulatePassed is accumulate, for what a pool would have used again. A
// client of ever other places uses none again before it comes round, so that
// only time tells there: a minute, or that it came round and used another.
func accumulatePassed(program string) leak.Proof {
	return leak.Proof{ID: "accumulate", Program: program,
		Means: "they only come, although idle ones to the same place were there to be used; or to ever other places, sixteen or more, " +
			"for a minute or with one place visited again",
		Ask: func(c *leak.Case, g *leak.Group) leak.Answer {
			if len(g.Sockets) < c.Settings.Several {
				return leak.No
			}
			if a := c.Accumulates(g); a != leak.Yes {
				return a
			}
			passed, alone := c.PassedOver(g)
			round := passed > 0 || older(c, g, inState, 2*c.Settings.Proof) > 0
			return leak.AnswerOf(passed >= c.Settings.Several || alone >= many && round)
		}}
}

// atLeast is a number that no healthy program reaches.
func atLeast(n int, means, program string) leak.Proof {
	return leak.Proof{ID: "many", Means: means, Program: program,
		Ask: func(_ *leak.Case, g *leak.Group) leak.Answer { return leak.AnswerOf(len(g.Sockets) >= n) }}
}

func older(c *leak.Case, g *leak.Group, age left, d time.Duration) int {
	n := 0
	for _, s := range g.Sockets {
		if age(c, s) >= d {
			n++
		}
	}
	return n
}

// pastGrace reports whether the socket is known to have been in its state for
// the grace period. Where no source gives an age, one look does not know.
func pastGrace(c *leak.Case, s *socket.Socket) bool { return c.Age(s).AtLeast >= c.Settings.Grace }

// held reports whether a program holds the socket: it is no orphan, and not in
// an accept queue.
func held(s *socket.Socket) bool { return len(s.Holders) > 0 && s.Listener == 0 }
