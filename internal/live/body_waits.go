package live

import (
	"fmt"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// waits says who waits for the socket, and where in the program.
func (sh *sheet) waits(s *socket.Socket) {
	w := s.Watch
	if w == nil {
		text := "not looked at: no verdict hangs on it"
		if s.Has(socket.HasWatched) && !s.Watched {
			text = "nobody: in no epoll set, and no thread sleeps on it"
		}
		sh.row("waits", text)
		return
	}
	label := "waits"
	say := func(text string) {
		sh.row(label, text)
		label = ""
	}
	for i := range w.Waiters {
		k := &w.Waiters[i]
		text := fmt.Sprintf("%s %d", k.Kind, k.ID)
		if k.Name != "" {
			text += " (" + k.Name + ")"
		}
		say(text + " of " + sh.process(k.Process) + " in " + k.Call + forWord(k.For) + deadlineWord(k))
		sh.stack(k.Frames, k.Start)
	}
	for _, t := range w.Threads {
		if len(w.Waiters) == 0 {
			say(fmt.Sprintf("thread %d of %s in %s%s", t.TID, sh.process(t.Process), t.Syscall, forWord(t.For)))
		}
	}
	if w.Unwaited() {
		say("nobody: no thread, goroutine or epoll set waits for it")
	}
	for _, e := range w.Epolls {
		say(epollWord(e, sh))
	}
	if w.Doubt != "" {
		say("others may: " + w.Doubt)
	}
}

func epollWord(e socket.EpollWatch, sh *sheet) string {
	if e.EpollFD < 0 {
		return "an epoll set whose descriptor was not seen"
	}
	text := fmt.Sprintf("epoll set fd %d of %s, events %#x", e.EpollFD, sh.process(e.Process), e.Events)
	if e.EdgeTriggered() {
		text += ", edge-triggered"
	}
	if e.Poller {
		text += "; the runtime's own, which has every socket"
	}
	return text
}

func forWord(d time.Duration) string {
	if d < time.Second {
		return ""
	}
	return " for at least " + words.Span(d)
}

func deadlineWord(w *socket.Waiter) string {
	switch {
	case !w.TimeoutKnown:
		return ""
	case w.Timeout == 0:
		return ", without a deadline"
	}
	return ", for " + words.Span(w.Timeout) + " more"
}

// stack adds a line for each function, the innermost first; the program's own
// stand out.
func (sh *sheet) stack(frames []socket.Frame, start *socket.Frame) {
	add := func(f *socket.Frame, before string) {
		at := len(sh.lines)
		sh.row("", before+longFrame(f))
		for ; f.Own && at < len(sh.lines); at++ {
			sh.lines[at] = sh.m.style.paint(strong, sh.lines[at])
		}
	}
	for i := range frames {
		add(&frames[i], "  ")
	}
	if start != nil {
		add(start, "  started at ")
	}
}

func longFrame(f *socket.Frame) string {
	name := f.Function
	if name == "" {
		name = "?"
	}
	switch {
	case f.Line > 0:
		name += fmt.Sprintf(" %s:%d", f.File, f.Line)
	case f.Module != "":
		name += " of " + f.Module
	}
	return name
}

// origin says who opened it, where a tracer has seen that.
func (sh *sheet) origin(s *socket.Socket) {
	o := s.Origin
	if o == nil {
		sh.row("opened by", "not known: it was opened before the watch, or that is without --trace")
		return
	}
	text := fmt.Sprintf("%s of %s, thread %d", o.Call, sh.process(o.Process), o.Thread)
	if o.Name != "" {
		text += " (" + o.Name + ")"
	}
	sh.row("opened by", text+" at "+o.At.Format("15:04:05.000000"))
	sh.stack(o.Frames, o.Start)
	if o.Doubt != "" {
		sh.row("", "the stack: "+o.Doubt)
	}
	if l := s.Life; l != nil && l.Data != nil {
		sh.row("", "since then used for "+words.Plural(int(l.Data.Answers), "question and answer"))
	}
}

// peer says what is at the other end.
func (sh *sheet) peer(s *socket.Socket) {
	p := s.Peer
	switch {
	case p == nil && s.Family == socket.Unix && s.UnixInfo != nil && s.UnixInfo.PeerGone:
		sh.row("other end", "closed")
	case p == nil && !s.Remote.IsValid():
	case p == nil:
		sh.row("other end", "not known: on another machine or in another network namespace, or not looked for")
	case p.Gone:
		sh.row("other end", "gone: this machine has the address, and no such socket")
	default:
		sh.row("other end", fmt.Sprintf("on this machine: %s, recv-q %d, send-q %d, timer %s", p.State, p.RecvQ, p.SendQ, p.Timer.Kind))
		for _, h := range p.Holders {
			sh.row("", fmt.Sprintf("held by %s as fd %d", sh.process(h.Process), h.FD))
		}
		switch {
		case p.Closed():
			sh.row("", "its program has closed it")
		case p.Queued():
			sh.row("", "it waits in an accept queue")
		}
	}
}
