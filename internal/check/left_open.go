package check

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
)

const ruleLeftOpen = "left-open"

func leftOpenRule() leak.Rule {
	return leak.Rule{
		ID: ruleLeftOpen, Title: "listeners and connections that a process of the command left open at its end", Severity: leak.Suspect,
		Doc: leak.Doc{
			Means: "A process of the command ended with sockets that it had not closed; the kernel closed them. In a " +
				"long-running server the same code would leave them open.",
			Causes:   "A test that does not stop the server, close the client or drain the pool that it started; a helper whose clean-up is skipped.",
			Evidence: "The last sample of the process before it ended: its listeners and connections, without those it inherited from its parent.",
			BlindSpot: "Changes between the last sample and the end are not seen; samples are 50 ms apart in a process's first seconds and up to --every later. " +
				"Where a busy machine made the last sample late, what it shows is not judged, and the verdict is inconclusive.",
			LookAlike: "A program that leaves the closing to exit() on purpose, and one that a signal ended before it could close anything.",
		},
		Remedy: leak.Remedy{Any: leak.Advice{
			socket.RuntimeUnknown: "close the listeners and clients that a test opens in its clean-up",
			socket.Python:         "close in a fixture's teardown, addCleanup() or `with`; python -X dev names each that is left (ResourceWarning)",
			socket.Go:             "t.Cleanup(func() { server.Close() }), and client.CloseIdleConnections() at the end; sockleaktest names the test",
			socket.Node:           "await server.close() and agent.destroy() in after(); avoid process.exit() and --exit",
			socket.Java:           "close servers and clients in @AfterEach or with try-with-resources",
		}},
	}
}

// stale is how long a look may have been overdue at the end of a process: in
// more time than that a program may have closed what the look before saw.
const stale = 250 * time.Millisecond

// leftOpen says what the process still had open at the very last look, and no
// rule explains. What was open for a moment only may have been closed in the
// time between that look and the end: that is a note.
func (l *life) leftOpen() []leak.Finding {
	explained, held := l.explained(), l.last
	if l.cut != "" { // before it began to clean up because it was told to end
		held = cmp.Or(l.uncut, l.history.Now())
	}
	worst := slices.IndexFunc(l.findings, func(f leak.Finding) bool { return f.Level >= leak.Leak && halfClosed(f.Sockets) })
	var more, sure, perhaps []*socket.Socket
	for _, s := range held.Sockets {
		switch {
		case worst >= 0 && s.State == socket.CloseWait && s.HeldBy(l.id) && !explained[s.ID()]:
			more = append(more, s)
		case explained[s.ID()] || l.given[s.ID()] || !s.HeldBy(l.id) || !leavable(s, l.id):
		case l.cut == "" && !l.running && (l.late > stale || l.seenFor(s) < 2*l.unseen):
			perhaps = append(perhaps, s)
		default:
			sure = append(sure, s)
		}
	}
	if len(more) > 0 { // of twenty equal connections some are not another matter
		join(&l.findings[worst], more, words.Plural(len(more), "socket")+" of these would prove nothing alone")
	}
	var list []leak.Finding
	if len(sure) > 0 {
		list = append(list, l.leftFinding(sure))
	}
	if len(perhaps) > 0 {
		list = append(list, l.perhapsFinding(perhaps))
	}
	return list
}

// perhapsFinding says what was open in the last sample and may have been
// closed after it.
func (l *life) perhapsFinding(perhaps []*socket.Socket) leak.Finding {
	f := l.newLeft(leak.Note, perhaps)
	f.Summary = "perhaps left " + leftWords(perhaps) + " open at its end"
	f.Evidence = []string{"not judged: open in the last sample, " + l.unseenWords()}
	// A connection that comes and goes is in any sample; one that its peer has
	// closed, or that a look in time would have told about, is no good news.
	if l.behind > stale || slices.ContainsFunc(perhaps, func(s *socket.Socket) bool { return s.State == socket.CloseWait }) {
		l.open = perhaps
	}
	return f
}

// unseenWords says how long before the end the last sample was.
func (l *life) unseenWords() string {
	text := fmt.Sprintf("up to %s before the end", words.Span(max(l.unseen, time.Millisecond)))
	if l.behind > stale {
		text += fmt.Sprintf(": the next was %s late", words.Span(l.behind))
	}
	return text
}

// seenFor is how long the socket has been seen open.
func (l *life) seenFor(s *socket.Socket) time.Duration {
	if k := l.history.Track(s); k != nil {
		return l.last.Taken.Sub(k.First)
	}
	return 0
}

// leftFinding says what was left.
func (l *life) leftFinding(left []*socket.Socket) leak.Finding {
	f := l.newLeft(leak.Suspect, left)
	switch {
	case l.cut != "":
		f.Summary = "was still running at " + l.cut + ", with " + leftWords(left) + " open"
		f.Evidence = []string{"an open socket keeps many programs from exiting"}
	case l.running:
		f.Level = leak.Note
		f.Summary = "still runs, with " + leftWords(left) + " open"
		f.Evidence = []string{"it outlived the command and was left alone"}
	default:
		f.Summary = "left " + leftWords(left) + " open at its end"
		when := "open in the last sample before the end, "
		if l.ending {
			when = "open when it exited, "
		}
		f.Evidence = []string{when + words.Span(l.last.Taken.Sub(l.born)) + " after the start"}
	}
	return f
}

// unclosedBody: an idle connection of net/http reads its EOF and closes itself.
const unclosedBody = "defer resp.Body.Close(): net/http closes idle connections by itself, so that CLOSE_WAIT is a response whose body was not closed; elsewhere defer conn.Close()"

func (l *life) newLeft(level leak.Level, left []*socket.Socket) leak.Finding {
	f := newFinding(ruleLeftOpen, level, l.id, left)
	f.Fix = leftOpenRule().Remedy.For(&l.process, track.Other)
	closed := func(s *socket.Socket) bool { return s.State == socket.CloseWait }
	if l.process.Runtime == socket.Go && slices.ContainsFunc(left, closed) {
		f.Fix = unclosedBody
	}
	return f
}

// leavable reports whether a socket is one that a program closes by itself.
// Its standard streams, and pairs without a name, are how it was started and
// how it talks to its children.
func leavable(s *socket.Socket, id socket.ProcessID) bool {
	for _, h := range s.Holders {
		if h.Process == id && h.FD <= 2 {
			return false
		}
	}
	if s.Family == socket.Unix {
		return s.UnixInfo != nil && s.UnixInfo.Path != ""
	}
	return s.Family.IP()
}

// leftWords counts sockets by protocol and state, and says on which addresses
// listeners are.
func leftWords(list []*socket.Socket) string {
	counts := map[string]int{}
	at := map[string][]string{}
	for _, s := range list {
		state := s.State.String()
		if !s.IsTCP() && s.State == socket.Close {
			state = "unconnected"
		}
		key := s.Proto() + " " + state
		counts[key]++
		if s.State == socket.Listen && s.Local.IsValid() {
			at[key] = append(at[key], s.Local.String())
		}
	}
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		text := fmt.Sprintf("%d %s", counts[key], key)
		if list := at[key]; 0 < len(list) && len(list) <= 3 {
			text += " (" + strings.Join(list, ", ") + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// anyPort is what two addresses have in common: the first where they are the
// same, or else nothing.
func anyPort(a, b netip.AddrPort) netip.AddrPort {
	if a == b {
		return a
	}
	return netip.AddrPort{}
}
