package rules

import (
	"slices"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

// What the rules about sockets in no table share: they have no state that
// changes and no timestamp, so that only their number, their survival and
// their growth prove anything. A few of them are normal: netdevice(7) ioctls
// work on any socket, and a program may open one before it connects it.

// many is the number of such sockets for which no healthy program has a use.
const many = 16

// inNoTable wants TCP and UDP sockets by what is known of why they are in no
// table.
func inNoTable(want ...socket.Presence) func(*leak.Case, *socket.Socket) bool {
	return func(_ *leak.Case, s *socket.Socket) bool {
		return s.Presence != socket.InTable && slices.Contains(want, s.Presence) && (s.IsTCP() || s.IsUDP()) && held(s)
	}
}

// stays acquits sockets that only one of several looks saw.
func stays(program string) leak.Spare {
	return leak.Spare{ID: "young", Program: program,
		Means:   "it came during the last grace period: it may be about to be used or closed",
		Unknown: "-",
		Ask: func(c *leak.Case, _ *leak.Group, s *socket.Socket) leak.Answer {
			k := c.Track(s)
			return leak.AnswerOf(k != nil && k.NewSince(c.Looks()[0].Taken) && c.Now().Taken.Sub(k.First) < c.Settings.Grace)
		}}
}
