package leak

import (
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// AnswerDue reports whether the last data on a connection was the other end's:
// a request that the program has not answered. One that has received nothing
// owes nothing.
func (c *Case) AnswerDue(s *socket.Socket) Answer {
	switch {
	case !s.Has(socket.HasTCPInfo):
		return Unknown
	case !received(s):
		return No
	case s.TCP.BytesSent == 0:
		return Yes
	case tied(s) && dataOf(s) != nil && s.RecvQ <= 1: // all that came was read, but for the end
		return AnswerOf(dataOf(s).Inward)
	case tied(s):
		return AnswerOf(s.Has(socket.HasDataSegs) && s.TCP.DataSegsIn > s.TCP.DataSegsOut)
	}
	return AnswerOf(s.TCP.LastDataRecv < s.TCP.LastDataSent)
}

// tied reports whether data last moved both ways within one tick of the
// kernel's clock: then the times do not tell which came last.
func tied(s *socket.Socket) bool { return s.TCP.LastDataRecv == s.TCP.LastDataSent }

// Asks reports whether the last data on a connection was the program's own: a
// question that the other end has not answered.
func (c *Case) Asks(s *socket.Socket) Answer {
	switch {
	case !s.Has(socket.HasTCPInfo):
		return Unknown
	case s.TCP.BytesSent == 0:
		return No
	case !received(s):
		return Yes
	case tied(s) && dataOf(s) != nil && s.RecvQ <= 1:
		return AnswerOf(!dataOf(s).Inward)
	case tied(s):
		return AnswerOf(askedLast(s))
	}
	return AnswerOf(s.TCP.LastDataSent < s.TCP.LastDataRecv)
}

// delayedACK is the longest that a peer delays an acknowledgement that no
// data carries (TCP_DELACK_MAX, include/net/tcp.h), with some room.
const delayedACK = 300 * time.Millisecond

// askedLast tells, where the times are tied, whether the program's data came
// last: it sent more segments than came back, or its last one was acknowledged
// by itself, later than the last data.
func askedLast(s *socket.Socket) bool {
	late := s.TCP.LastDataSent - s.TCP.LastAckRecv
	return s.Has(socket.HasDataSegs) && s.TCP.DataSegsOut > s.TCP.DataSegsIn || late > 0 && late <= delayedACK
}

// received reports whether data has arrived. The kernel counts the peer's FIN
// as a byte (tcp_rcv_nxt_update in net/ipv4/tcp_input.c).
func received(s *socket.Socket) bool {
	if s.Has(socket.HasDataSegs) {
		return s.TCP.DataSegsIn > 0
	}
	fin := uint64(0)
	switch s.State {
	case socket.CloseWait, socket.LastAck, socket.Closing, socket.TimeWait, socket.Close:
		fin = 1
	}
	return s.TCP.BytesReceived > fin
}

// Untouched reports whether no data has ever moved on a connection.
func Untouched(s *socket.Socket) Answer {
	if !s.Has(socket.HasTCPInfo) {
		return Unknown
	}
	return AnswerOf(!received(s) && s.TCP.BytesSent == 0)
}

// Exchanges is how many segments of data the program has sent: one is one
// question, many are many uses. It is 0 where that is not known.
func Exchanges(s *socket.Socket) int {
	if !s.Has(socket.HasDataSegs) {
		return 0
	}
	return int(s.TCP.DataSegsOut)
}

// manySegments is from how many segments sent on a connection was used more
// than once: a question rarely takes more than a handshake and its head.
const manySegments = 8

// UsedOften reports whether a connection was used more than once. A single
// question takes a segment, or some more under TLS: what lies between is not
// known, and does not matter of sockets that only accumulate.
func (c *Case) UsedOften(g *Group, s *socket.Socket) Answer {
	if c.UsedAgain(s) == Yes {
		return Yes
	}
	if d := dataOf(s); d != nil && d.Answers <= 1 {
		return No
	}
	switch n := Exchanges(s); {
	case n <= 1 && s.Has(socket.HasDataSegs):
		return No
	case n >= manySegments && s.TCP.DataSegsIn >= manySegments/2:
		return Yes
	}
	if c.Accumulates(g) == Yes {
		return No
	}
	return Unknown
}

// Sending reports whether the program still sent data within the grace
// period, or between two looks: half-closed connections may be used that way.
func (c *Case) Sending(s *socket.Socket) Answer {
	if c.movedLately(s) {
		return Yes
	}
	if !s.Has(socket.HasTCPInfo) {
		if len(c.Looks()) < 2 {
			return Unknown
		}
		return No
	}
	return AnswerOf(s.TCP.BytesSent > 0 && s.TCP.LastDataSent < c.Settings.Grace)
}

// Receiving reports whether data arrived within the grace period, or between
// two looks.
func (c *Case) Receiving(s *socket.Socket) Answer {
	if c.movedLately(s) {
		return Yes
	}
	if !s.Has(socket.HasTCPInfo) {
		if len(c.Looks()) < 2 {
			return Unknown
		}
		return No
	}
	return AnswerOf(received(s) && s.TCP.LastDataRecv < c.Settings.Grace)
}

// movedLately reports whether data moved between two looks, in the state that
// the socket is in, within twice the grace period.
func (c *Case) movedLately(s *socket.Socket) bool {
	k := c.Track(s)
	return k != nil && k.Moved.After(k.StateSince) && c.Now().Taken.Sub(k.Moved) < 2*c.Settings.Grace
}

// KnownFor is how long at least the connection has existed: nothing on it can
// be older. The kernel starts the clocks of data at the handshake
// (tcp_finish_connect and tcp_create_openreq_child set lsndtime and lrcvtime).
func (c *Case) KnownFor(s *socket.Socket) time.Duration {
	d := c.Age(s).AtLeast
	if s.Has(socket.HasTCPInfo) && s.Remote.IsValid() {
		d = max(d, s.TCP.LastDataRecv, s.TCP.LastDataSent)
	}
	if k := c.Track(s); k != nil {
		d = max(d, c.Now().Taken.Sub(k.First))
	}
	if born := bornAt(s); !born.IsZero() {
		d = max(d, c.Now().Taken.Sub(born))
	}
	return d
}
