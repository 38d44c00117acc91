package leak

import (
	"fmt"
	"slices"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// Objects returns the sockets of which it decides what their program's language
// thinks of them: those that nobody waits for, left alone for the grace period,
// of programs that may be written in one whose objects can be read. They are
// asked for as Questions.Stacks.
func Objects(h *track.History, set Settings) []*socket.Socket {
	if !slices.ContainsFunc(h.Now().Processes, func(p socket.Process) bool { return tellsObjects(&p) }) {
		return nil
	}
	c := newCase(h, set)
	var list []*socket.Socket
	for _, s := range h.Now().Sockets {
		if len(s.Holders) > 0 && mayDefer(s) && c.ofTarget(s) && c.Registered(s) == No && c.Left(s) >= set.Grace && tellsObjects(c.Owner(s)) {
			list = append(list, s)
		}
	}
	return list
}

// tellsObjects reports whether the objects of the process's language can be read,
// as far as that is known.
func tellsObjects(p *socket.Process) bool {
	return p.Target && (p.Runtime == socket.Python || p.Runtime == socket.RuntimeUnknown)
}

// mayDefer reports whether a socket is or was a connection.
func mayDefer(s *socket.Socket) bool {
	switch s.State {
	case socket.Established, socket.CloseWait, socket.FinWait2:
		return true
	}
	return s.State == socket.Close && (s.Presence == socket.Reset || s.Presence == socket.Finished)
}

// ObjectWords says what the program's language thinks of the sockets, where
// that explains why they are open.
func ObjectWords(list []*socket.Socket) []string {
	var closed, files, duplicates int
	var held *socket.Object
	for _, s := range list {
		switch o := s.Object; {
		case o == nil:
			continue
		case o.Closed:
			closed, files = closed+1, files+o.Files
		case o.Type == socket.FileIO:
			duplicates++
		}
		if held == nil && len(s.Object.Held) > 0 && (s.Watch == nil || s.Watch.Unwaited()) { // else the stack says it
			held = s.Object
		}
	}
	of := func(n int) string {
		if len(list) == 1 || n == len(list) {
			return ""
		}
		return fmt.Sprintf(" on %d of them", n)
	}
	var out []string
	switch {
	case closed > 0 && files > 0:
		keeps := "s keep"
		if files == 1 {
			keeps = " keeps"
		}
		out = append(out, fmt.Sprintf("close() was called%s, but %d makefile() object%s the descriptor open", of(closed), files, keeps))
	case closed > 0:
		out = append(out, "close() was called"+of(closed)+", but a call that is still running keeps the descriptor open")
	}
	if duplicates > 0 {
		keeps := "s keep duplicates"
		if duplicates == 1 {
			keeps = " keeps a duplicate"
		}
		out = append(out, fmt.Sprintf("no socket object has the descriptor%s any more: %d file object%s", of(duplicates), duplicates, keeps))
	}
	if held != nil {
		out = append(out, heldWords(held))
	}
	return out
}

// heldWords says what refers to an object.
func heldWords(o *socket.Object) string {
	if o.Ended {
		return "all that refers to it is a variable of a function that has ended: " + o.Held[0]
	}
	text := "referred to by " + o.Held[0]
	switch more := o.References - 2; {
	case len(o.Held) == 1 || o.References == 1:
	case more <= 0:
		text += " and " + o.Held[1]
	default:
		text += fmt.Sprintf(", %s and %d more", o.Held[1], more)
	}
	return text
}
