package check

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
)

const ruleHeldToEnd = "held-to-end"

func heldToEndRule() leak.Rule {
	return leak.Rule{
		ID: ruleHeldToEnd, Title: "the peers closed, the program read the EOF, and held the connections to its end", Severity: leak.Leak,
		Doc: leak.Doc{
			Means: "Processes of the command ended with connections that their peers had closed for good, for a third " +
				"of the time since the process opened its first socket, or for half of it where its end was only sampled. The end of the stream had been read, and close() never followed.",
			Causes: "A handler or a client that does not close when recv() returns 0; a response body or a session that a test forgets.",
			Evidence: "At least several (3) sockets, in one process or in all of the command together, in CLOSE_WAIT with recv-q 0 " +
				"at the process's end, or before the burst of closes with which an interpreter shuts down. The age is that of the " +
				"kernel's timestamps or of the samples; the other end is on this machine and closed. " +
				"In a Go program also with the FIN unread, where one request was sent on each: net/http would have closed it when idle.",
			BlindSpot: "One or two such sockets are a suspicion, as are those whose peers are on another machine.",
			LookAlike: "A pool keeps connections whose end it has not read: those are left out, and so are connections whose request has no answer yet, and half-closed ones whose peer still waits.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "call close() when recv() returns 0, on every path out of the function",
			socket.Python:         "close in `finally`, or use `with sock:`; close sessions, and makefile() objects too",
			socket.Go:             "defer resp.Body.Close() as soon as err == nil; defer conn.Close() right after Accept or Dial",
			socket.Node:           "socket.destroy() in the 'end' handler when allowHalfOpen is true, and on 'error'",
			socket.Java:           "try-with-resources around sockets and responses: read() == -1 does not close",
		}},
	}
}

// heldLong returns the connections that the process held for long enough
// after the peer had closed them, read to their end.
func (l *life) heldLong() []*socket.Socket {
	if l.lived() < l.measurable() {
		return nil
	}
	var list []*socket.Socket
	for _, s := range l.history.Now().Sockets {
		if s.State == socket.CloseWait && s.IsTCP() && s.Has(socket.HasQueues) && s.RecvQ == 0 && s.HeldBy(l.id) &&
			!l.given[s.ID()] && s.Peer.Closed() {
			if age := l.history.Age(s).AtLeast; age >= l.enough() && !answering(s, age) && !(l.served[s.ID()] && answerDue(s)) {
				list = append(list, s)
			}
		}
	}
	return list
}

// answering reports whether data was still sent well after the peer had shut
// down its sending side.
func answering(s *socket.Socket, age time.Duration) bool {
	return s.Has(socket.HasTCPInfo) && s.TCP.BytesSent > 0 && s.TCP.LastDataSent < age/2
}

// answerDue reports whether a server may still be at work on a request whose
// client has given up: the last thing that happened is that data came.
func answerDue(s *socket.Socket) bool {
	return !s.Has(socket.HasTCPInfo) || s.TCP.BytesReceived > 0 && (s.TCP.BytesSent == 0 || s.TCP.LastDataRecv < s.TCP.LastDataSent)
}

// unclosedBodies returns the connections of a Go program that each were used for
// one request, whose peer has closed them, and where that was not read since. An
// idle connection of net/http reads the end of its stream and closes itself: the
// body of the response is not closed. A pool of another protocol says more than
// one thing on a connection.
func (l *life) unclosedBodies(set leak.Settings) []*socket.Socket {
	if l.process.Runtime != socket.Go || l.lived() < l.measurable() {
		return nil
	}
	var list []*socket.Socket
	for _, s := range l.history.Now().Sockets {
		if s.State == socket.CloseWait && s.IsTCP() && s.Has(socket.HasQueues|socket.HasDataSegs) && s.RecvQ > 0 &&
			s.TCP.DataSegsOut == 1 && s.HeldBy(l.id) && !l.given[s.ID()] && !l.served[s.ID()] && s.Peer.Closed() &&
			l.history.Age(s).AtLeast >= min(l.enough(), set.Grace) {
			list = append(list, s)
		}
	}
	return list
}

// judgeHeld adds what the processes of the command prove together.
func (c *course) judgeHeld() {
	c.accuse((*life).heldLong, "the peer's FIN was consumed (recv-q 0) and close() never followed; the other end is on this machine and closed", "")
	c.accuse(func(l *life) []*socket.Socket { return l.unclosedBodies(c.Settings) },
		"one request was sent on each, and the server's FIN lies unread: an idle connection of net/http would have read it and closed itself", unclosedBody)
}

// accuse makes a leak of the sockets that are chosen, where there are several in
// the command.
func (c *course) accuse(chosen func(*life) []*socket.Socket, why, fix string) {
	total := map[socket.ID]bool{}
	for _, l := range c.ended {
		for _, s := range chosen(l) {
			total[s.ID()] = true
		}
	}
	if len(total) < c.Settings.Several {
		return
	}
	for _, l := range c.ended {
		if held := chosen(l); len(held) > 0 {
			l.accuse(held, why, fix)
		}
	}
}

// accuse makes a leak of the sockets that no finding calls one yet. Those of a
// kind of which a finding already proves others are said there.
func (l *life) accuse(held []*socket.Socket, why, fix string) {
	proven := map[socket.ID]bool{}
	var same *leak.Finding
	for i := range l.findings {
		f := &l.findings[i]
		if f.Level < leak.Leak {
			continue
		}
		for _, s := range f.Sockets {
			proven[s.ID()] = true
		}
		if same == nil && halfClosed(f.Sockets) && l.served[f.Sockets[0].ID()] == l.served[held[0].ID()] {
			same = f
		}
	}
	held = slices.DeleteFunc(held, func(s *socket.Socket) bool { return proven[s.ID()] })
	if len(held) == 0 {
		return
	}
	if same != nil {
		join(same, held, fmt.Sprintf("of %s: %s", words.Plural(len(held), "socket"), why))
	} else {
		l.findings = append(l.findings, l.heldFinding(held, why, fix))
	}
	l.findings = slices.DeleteFunc(l.findings, func(g leak.Finding) bool {
		return g.Level < leak.Leak && overlap(g.Sockets, held) && halfClosed(g.Sockets)
	})
}

// heldFinding says what the process held to its end.
func (l *life) heldFinding(held []*socket.Socket, why, fix string) leak.Finding {
	f := newFinding(ruleHeldToEnd, leak.Leak, l.id, held)
	f.Fix = cmp.Or(fix, heldToEndRule().Remedy.For(&l.process, track.Other))
	f.Summary = fmt.Sprintf("held %s to its end that the peer had closed", words.Plural(len(held), "socket"))
	for _, s := range held {
		if age := l.history.Age(s); age.AtLeast > f.Age.AtLeast {
			f.Age = age
		}
	}
	f.Evidence = []string{why, l.lifeWords(f.Age.AtLeast)}
	return f
}

// lifeWords measures an age by the life of the process.
func (l *life) lifeWords(age time.Duration) string {
	return fmt.Sprintf("held at its end, %s after it had opened its first socket, the oldest for %s after the peer had closed",
		l.lived().Round(10*time.Millisecond), min(age, l.lived()).Round(10*time.Millisecond))
}
