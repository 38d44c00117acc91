package live

import (
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// socketName names the socket of a page in the title.
func (m *Model) socketName(p *page) string {
	if p.kept != nil {
		if k := p.kept.socket(p.socket); k != nil {
			return "fd " + report.CellOf(p.kept.Report, "fd")(k.Socket)
		}
	}
	return "socket"
}

// socket is all that is known of one socket.
func (m *Model) socket(p *page) body {
	s := m.keep(p, func(s *Sample) bool { return s.socket(p.socket) != nil })
	k := s.socket(p.socket)
	if k == nil {
		return body{tail: wrap("it is not there any more", m.textWidth())}
	}
	sh := &sheet{m: m, snap: s.Report.Snapshot, cells: socketCells(s.Report)}
	sh.state(k, m.passages(s, p.socket))
	if k.Level > 0 {
		f := &s.Findings[k.at]
		sh.row("finding", fmt.Sprintf("%s[%s] %s", f.Level, f.Rule, f.Headline))
	}
	sh.identity(k.Socket)
	sh.traffic(k)
	sh.waits(k.Socket)
	sh.origin(k.Socket)
	sh.peer(k.Socket)
	return body{tail: append(m.goneLines(p, "this socket is closed: it is not there any more"), sh.lines...)}
}

// passages returns the states of a socket, as far as they were asked for.
func (m *Model) passages(s *Sample, id socket.ID) []Passage {
	if list := s.Passages[id]; list != nil {
		return list
	}
	return m.newest.Passages[id]
}

// sheet is labelled facts, wrapped.
type sheet struct {
	m     *Model
	snap  *socket.Snapshot
	cells cells
	lines []string
}

// labelWidth is the columns of a label with its gap.
const labelWidth = 12

// row adds a fact; one with an empty label goes on with the one above.
func (sh *sheet) row(label, text string) {
	if text == "" {
		return
	}
	width := sh.m.textWidth()
	gap := strings.Repeat(" ", labelWidth)
	if width < 2*labelWidth { // under each other
		sh.lines = append(sh.lines, sh.m.style.paint(strong, label))
		gap, label = "  ", ""
	}
	for i, line := range wrap(words.Clean(text), max(width-len(gap), 1)) {
		if i == 0 && label != "" {
			sh.lines = append(sh.lines, sh.m.style.paint(strong, sh.m.style.pad(label, labelWidth, false))+line)
			continue
		}
		sh.lines = append(sh.lines, gap+line)
	}
}

// state says which state the socket is in, and which ones it was in before.
func (sh *sheet) state(k *Socket, passages []Passage) {
	text := sh.cells.state(k.Socket)
	if k.Age.AtLeast > 0 {
		text += ", for at least " + words.Span(k.Age.AtLeast)
		if k.Age.Bounded && k.Age.AtMost > k.Age.AtLeast {
			text += ", at most " + words.Span(k.Age.AtMost)
		}
	}
	if k.Has(socket.HasState) && k.Presence != socket.InTable {
		text += "; " + k.Presence.String()
	}
	sh.row("state", text)
	for i, p := range passages {
		label, seen := "", p.At.Format(time.TimeOnly)+" "+p.State.String()
		if i == 0 {
			label, seen = "history", seen+" (first seen)"
		}
		sh.row(label, seen)
	}
	if l := k.Life; l != nil && !l.StateSince.IsZero() {
		sh.row("", l.StateSince.Format("15:04:05.000000")+" "+k.State.String()+" (traced)")
	}
}

// identity says what it is and who holds it.
func (sh *sheet) identity(s *socket.Socket) {
	parts := []string{s.Proto(), s.Family.String()}
	if t := s.Type.String(); t != "" {
		parts = append(parts, t)
	}
	sh.row("socket", strings.Join(parts, ", ")+fmt.Sprintf("; inode %d, cookie %d, network namespace %d, uid %d", s.Inode, s.Cookie, s.NetNS, s.UID))
	sh.row("local", sh.cells.local(s))
	sh.row("peer", sh.cells.peer(s))
	label := "held by"
	for i := range s.Holders {
		h := &s.Holders[i]
		text := fmt.Sprintf("%s as fd %d", sh.process(h.Process), h.FD)
		if h.More > 0 {
			text += fmt.Sprintf(" and %d more", h.More)
		}
		if h.FlagsKnown && h.Inheritable {
			text += ", without FD_CLOEXEC: programs that it starts inherit it"
		}
		sh.row(label, text)
		label = ""
	}
	switch {
	case s.KeptBy.PID != 0:
		sh.row("held by", "a request of io_uring of "+sh.process(s.KeptBy)+"; no descriptor is left")
	case s.Listener != 0:
		sh.row("held by", "nobody yet: it waits in the accept queue of a listener")
	case len(s.Holders) == 0:
		sh.row("held by", "nobody")
	}
	if s.Has(socket.HasShared) && s.Refs > 1 {
		sh.row("", fmt.Sprintf("the kernel counts %d references to it", s.Refs))
	}
	sh.object(s)
}

func (sh *sheet) object(s *socket.Socket) {
	o := s.Object
	if o == nil {
		return
	}
	text := o.Type + " object"
	if o.Closed {
		text += ", close() was called"
	}
	sh.row("object", fmt.Sprintf("%s, %s, %s of makefile()", text, words.Plural(o.References, "reference"), words.Plural(o.Files, "open file")))
}

// process names a process of the snapshot.
func (sh *sheet) process(id socket.ProcessID) string {
	if p := sh.snap.Process(id); p != nil {
		return processName(p)
	}
	return fmt.Sprintf("pid %d", id.PID)
}

// traffic says what has moved, what has not, and what the kernel waits for.
func (sh *sheet) traffic(k *Socket) {
	s := k.Socket
	if s.Has(socket.HasQueues) {
		switch {
		case s.State == socket.Listen:
			sh.row("queues", fmt.Sprintf("%d of %d places of the accept queue are taken", s.RecvQ, s.SendQ))
		case s.State == socket.CloseWait && s.RecvQ > 0:
			sh.row("queues", fmt.Sprintf("recv-q %d (the peer's FIN counts as one byte), send-q %d", s.RecvQ, s.SendQ))
		default:
			sh.row("queues", fmt.Sprintf("recv-q %d, send-q %d", s.RecvQ, s.SendQ))
		}
	}
	if k.Idle > 0 {
		sh.row("idle", "nothing has moved for at least "+words.Span(k.Idle))
	}
	if s.Has(socket.HasTCPInfo) && s.Remote.IsValid() {
		t := &s.TCP
		sh.row("data", fmt.Sprintf("%d bytes received, the last %s ago; %d sent, the last %s ago; %d acknowledged, the last %s ago",
			t.BytesReceived, words.Span(t.LastDataRecv), t.BytesSent, words.Span(t.LastDataSent), t.BytesAcked, words.Span(t.LastAckRecv)))
		if t.Retransmits+t.Probes > 0 {
			sh.row("", fmt.Sprintf("%d retransmissions and %d probes are unanswered", t.Retransmits, t.Probes))
		}
	}
	if s.Has(socket.HasTimer) && s.Timer.Kind != socket.NoTimer {
		sh.row("timer", fmt.Sprintf("%s, fires in %s, %d so far", s.Timer.Kind, words.Span(s.Timer.Expires), s.Timer.Retries))
	} else if s.Has(socket.HasTimer) && s.IsTCP() && s.State == socket.Established {
		sh.row("timer", "off: without keepalive TCP does not notice when the other end has vanished")
	}
	if s.Has(socket.HasErr) && s.Err != 0 {
		sh.row("error", "pending, the program has not seen it: "+syscall.Errno(s.Err).Error())
	}
}
