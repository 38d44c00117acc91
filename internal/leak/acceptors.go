package leak

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/socket"
)

// Acceptors returns the listeners at which connections of the findings wait to
// be accepted. They are asked for as Questions.Acceptors.
func Acceptors(snap *socket.Snapshot, findings []Finding) (list []*socket.Socket) {
	waits := map[uint64]bool{} // inodes of listeners
	for _, f := range findings {
		for _, s := range f.Sockets {
			if s.Listener != 0 {
				waits[s.Listener] = true
			}
		}
	}
	for _, s := range snap.Sockets {
		if s.State == socket.Listen && waits[s.Inode] && len(s.Holders) > 0 {
			list = append(list, s)
		}
	}
	return list
}

// AcceptWords says of a listener at which clients wait that nobody is in
// accept(), and where whoever is to be there is instead, as far as that is
// known; nil where somebody is.
func (c *Case) AcceptWords(l *socket.Socket) (out []string) {
	w := l.Watch
	if w == nil || len(w.Threads)+len(w.Waiters) > 0 { // in accept, or in poll, select or an io_uring, to accept next
		return nil
	}
	list := w.Elsewhere
	if len(list) == 0 {
		list = c.onlyReader(l)
	}
	const most = 3
	for i := range list[:min(len(list), most)] {
		k := &list[i]
		text := fmt.Sprintf("%s %d is in %s, not in accept", k.Kind, k.ID, elsewhereWords(k))
		if peer := c.waitsFor(k); peer != "" {
			text += ": it waits for " + peer
		}
		out = append(out, text)
	}
	if len(out) == 0 && (w.Nobody() || w.Unwaited()) {
		out = append(out, "nobody is in accept, and no epoll set has the listener")
	}
	return out
}

// onlyReader is the only thread or goroutine that waits for connections that
// were accepted on the listener, while nobody accepts.
func (c *Case) onlyReader(l *socket.Socket) []socket.Waiter {
	var only []socket.Waiter
	for _, s := range c.Now().Sockets {
		if s.Watch == nil || s == l || s.State == socket.Listen || c.Listener(s) != l {
			continue
		}
		for _, w := range s.Watch.Waiters {
			if len(only) > 0 && (only[0].ID != w.ID || only[0].Process != w.Process) {
				return nil
			}
			if len(w.Frames) > 0 && !s.Watch.Registered() {
				only = []socket.Waiter{w}
			}
		}
	}
	return only
}

// elsewhereWords names the innermost function of a library that says something,
// and those of the program's own code that have called it.
func elsewhereWords(w *socket.Waiter) string {
	const most = 3
	var library *socket.Frame
	var own []string
	for i := range w.Frames {
		f := &w.Frames[i]
		switch {
		case f.Own && len(own) < most:
			own = append(own, FrameWords(f))
		case len(own) == 0 && (library == nil || !handshakes(library)):
			library = f
		}
	}
	if library != nil {
		own = append([]string{FrameWords(library)}, own...)
	}
	text := strings.Join(own, " < ")
	if w.Call != "" && (library == nil || !handshakes(library)) {
		text += " (" + w.CallName() + ")"
	}
	return text
}

// handshakes reports whether a function is one of TLS that waits for the other
// side: do_handshake of Python, SSL_do_handshake of OpenSSL, HandshakeContext of
// Go.
func handshakes(f *socket.Frame) bool {
	return strings.Contains(strings.ToLower(f.Function), "handshake") || f.Function == "SSL_accept"
}

// InHandshake reports whether the thread that is to accept on the listener sits
// in the TLS handshake of a client instead, in a call that has no end.
func (c *Case) InHandshake(l *socket.Socket) bool {
	return l.Watch != nil && slices.ContainsFunc(l.Watch.Elsewhere, func(w socket.Waiter) bool {
		s := c.sleepsOn(w.Process, w.ID)
		return slices.ContainsFunc(w.Frames, func(f socket.Frame) bool { return handshakes(&f) }) &&
			s != nil && s.Has(socket.HasTimeouts) && !s.ReadTimeout && (w.CallName() == "recv" || w.Call == "read")
	})
}

// waitsFor is the other end of the connection that a thread sleeps on; "" for
// none, or for several.
func (c *Case) waitsFor(w *socket.Waiter) string {
	if w.Kind != socket.ThreadWaiter {
		return ""
	}
	s := c.sleepsOn(w.Process, w.ID)
	if s == nil || !s.Remote.IsValid() || s.Remote.Port() == 0 {
		return ""
	}
	return s.Remote.String()
}

// sleepsOn returns the socket that a thread sleeps on alone, or nil.
func (c *Case) sleepsOn(id socket.ProcessID, tid uint64) *socket.Socket {
	p := c.Now().Process(id)
	if p == nil {
		return nil
	}
	i := slices.IndexFunc(p.Tasks, func(t socket.Task) bool { return uint64(t.TID) == tid })
	if i < 0 || len(p.Tasks[i].FDs) != 1 {
		return nil
	}
	for _, s := range c.Now().Sockets {
		for k := range s.Holders {
			if h := &s.Holders[k]; h.Process == id && h.FD == p.Tasks[i].FDs[0] {
				return s
			}
		}
	}
	return nil
}
