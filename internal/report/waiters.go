package report

import (
	"fmt"
	"path"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// mostWaiters bounds the waiters of a document: a program may have 10,000.
const mostWaiters = 256

// DocumentWaiter is a thread or goroutine that waits for sockets, and where in
// its program it does.
type DocumentWaiter struct {
	Kind      string          `json:"kind" jsonschema:"enum=thread,enum=goroutine"`                   // what waits
	PID       int             `json:"pid" jsonschema_extras:"x-opentelemetry=process.pid"`            // of its process
	ID        uint64          `json:"id"`                                                             // thread id, or goroutine id
	Name      string          `json:"name,omitempty" jsonschema_extras:"x-opentelemetry=thread.name"` // name of the thread
	Loop      string          `json:"loop,omitempty" jsonschema:"enum=asyncio"`                       // the event loop that the thread runs
	Call      string          `json:"call"`                                                           // what it waits in, such as recvfrom, poll or epoll_wait; of a goroutine read, write, accept or connect
	FDs       []int32         `json:"fds"`                                                            // descriptors of the sockets that it waits for, as far as they were looked at
	Since     *time.Time      `json:"since,omitempty"`                                                // it waited already then; absent when not known
	Deadline  string          `json:"deadline,omitempty"`                                             // when it gives up by itself as RFC 3339, or none; absent when not known
	Frames    []DocumentFrame `json:"frames,omitempty"`                                               // its stack, the innermost function first
	StartedBy *DocumentFrame  `json:"started_by,omitempty"`                                           // the statement that started the goroutine
}

// DocumentFrame is a function that was called, with the line that it is at.
type DocumentFrame struct {
	Function string `json:"function" jsonschema_extras:"x-opentelemetry=code.function.name"`     // as the language writes it
	File     string `json:"file,omitempty" jsonschema_extras:"x-opentelemetry=code.file.path"`   // as the program has it
	Line     int    `json:"line,omitempty" jsonschema_extras:"x-opentelemetry=code.line.number"` // from 1; absent when not known
	Module   string `json:"module,omitempty"`                                                    // the module, package or library that it belongs to
	Own      bool   `json:"own"`                                                                 // the program's own code, neither a library's nor the runtime's
}

// Words names the frame on a line: its own line where that is known, or else the
// library that it is of.
func (f *DocumentFrame) Words() string { return placeText(f.Function, f.File, f.Line, f.Module) }

func frameWords(f *socket.Frame) string { return placeText(f.Function, f.File, f.Line, f.Module) }

func placeText(function, file string, line int, module string) string {
	switch {
	case file != "" && line > 0:
		return fmt.Sprintf("%s:%d in %s", file, line, function)
	case module != "":
		return fmt.Sprintf("%s of %s", function, path.Base(module))
	}
	return function
}

// DocumentObject is the object of a language that a descriptor belongs to.
type DocumentObject struct {
	Type       string   `json:"type"`              // its class; FileIO is no socket, but a file object with a duplicate of the descriptor
	Closed     bool     `json:"closed"`            // close() was called on it
	Files      int      `json:"files"`             // makefile() objects that are not closed
	References int      `json:"references"`        // how often it is referred to
	HeldBy     []string `json:"held_by,omitempty"` // some of those who refer to it, by the variable that leads there; absent when none was found
	Ended      *bool    `json:"ended,omitempty"`   // all that refers to it are variables of functions that have ended, as the traceback of an exception keeps them; absent when not looked for
}

func documentObject(s *socket.Socket) *DocumentObject {
	if s.Object == nil {
		return nil
	}
	o := &DocumentObject{words.Clean(s.Object.Type), s.Object.Closed, s.Object.Files, s.Object.References, nil, &s.Object.Ended}
	for _, text := range s.Object.Held {
		o.HeldBy = append(o.HeldBy, words.Clean(text))
	}
	return o
}

// documentWaiters lists who waits for the sockets of the snapshot, each once,
// and how many are left out.
func documentWaiters(snap *socket.Snapshot) (list []DocumentWaiter, leftOut int) {
	type identity struct {
		kind socket.WaiterKind
		pid  int
		id   uint64
	}
	at := map[identity]int{}
	for _, s := range snap.Sockets {
		if s.Watch == nil {
			continue
		}
		for i := range s.Watch.Waiters {
			w := &s.Watch.Waiters[i]
			id := identity{w.Kind, w.Process.PID, w.ID}
			n, seen := at[id]
			if !seen {
				n = len(list)
				at[id] = n
				if n < mostWaiters {
					list = append(list, documentWaiter(snap.Taken, w))
				} else {
					at[id], n = mostWaiters, mostWaiters
					leftOut++
				}
			}
			if n < len(list) && len(list[n].FDs) < mostWaiters {
				list[n].FDs = appendFD(list[n].FDs, s, w.Process)
			}
		}
	}
	return list, leftOut
}

// appendFD appends the descriptor that the process has of the socket.
func appendFD(fds []int32, s *socket.Socket, p socket.ProcessID) []int32 {
	for i := range s.Holders {
		if s.Holders[i].Process == p {
			return append(fds, s.Holders[i].FD)
		}
	}
	return fds
}

func documentWaiter(taken time.Time, w *socket.Waiter) DocumentWaiter {
	d := DocumentWaiter{Kind: string(w.Kind), PID: w.Process.PID, ID: w.ID, Name: words.Clean(w.Name), Loop: w.Loop, Call: words.Clean(w.Call), FDs: []int32{}}
	if w.For > 0 {
		since := taken.Add(-w.For).UTC()
		d.Since = &since
	}
	switch {
	case w.TimeoutKnown && w.Timeout == 0:
		d.Deadline = "none"
	case w.TimeoutKnown:
		d.Deadline = taken.Add(w.Timeout).UTC().Format(time.RFC3339)
	}
	for i := range w.Frames {
		d.Frames = append(d.Frames, documentFrame(&w.Frames[i]))
	}
	if w.Start != nil {
		start := documentFrame(w.Start)
		d.StartedBy = &start
	}
	return d
}

func documentFrame(f *socket.Frame) DocumentFrame {
	return DocumentFrame{Function: words.Clean(f.Function), File: words.Clean(f.File), Line: max(f.Line, 0), Module: words.Clean(f.Module), Own: f.Own}
}
