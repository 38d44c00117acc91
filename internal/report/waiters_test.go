package report

import (
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

func TestDocumentWaiters(t *testing.T) {
	p := socket.ProcessID{PID: 7, Start: 1}
	taken := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	waiter := socket.Waiter{
		Kind: socket.GoroutineWaiter, Process: p, ID: 37, Call: "read", For: time.Minute, TimeoutKnown: true,
		Frames: []socket.Frame{{Function: "main.handle\x1b", File: "/srv/server.go", Line: 25, Module: "example.com/app", Own: true}},
		Start:  &socket.Frame{Function: "main.serve", Line: -4},
	}
	holder := func(fd int32) []socket.Holder { return []socket.Holder{{Process: p, FD: fd}} }
	snap := &socket.Snapshot{Taken: taken, Sockets: []*socket.Socket{
		{Holders: holder(3), Watch: &socket.Watch{Waiters: []socket.Waiter{waiter}}},
		{Holders: holder(4), Watch: &socket.Watch{Waiters: []socket.Waiter{waiter}}},
		{Holders: holder(5)},
	}}
	list, more := documentWaiters(snap)
	if len(list) != 1 || more != 0 {
		t.Fatalf("%d waiters and %d more; want one, which waits for two sockets", len(list), more)
	}
	w := list[0]
	if len(w.FDs) != 2 || w.FDs[1] != 4 || w.Deadline != "none" || w.Since == nil || !w.Since.Equal(taken.Add(-time.Minute)) {
		t.Errorf("waiter %+v", w)
	}
	if w.Frames[0].Function != `main.handle\x1b` || w.StartedBy.Line != 0 {
		t.Errorf("frames %+v, %+v", w.Frames, w.StartedBy)
	}
	for i := range 2 * mostWaiters {
		waiter.ID = uint64(1000 + i)
		snap.Sockets = append(snap.Sockets, &socket.Socket{Watch: &socket.Watch{Waiters: []socket.Waiter{waiter}}})
	}
	if list, more := documentWaiters(snap); len(list) != mostWaiters || more != mostWaiters+1 {
		t.Errorf("%d waiters and %d more", len(list), more)
	}
}
