package leak

import (
	"strings"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

func TestWaitingWords(t *testing.T) {
	goroutine := socket.Waiter{
		Kind: socket.GoroutineWaiter, ID: 37, Call: "read", For: 12 * time.Minute, TimeoutKnown: true,
		Frames: []socket.Frame{
			{Function: "net.(*conn).Read", File: "/go/src/net/net.go", Line: 196},
			{Function: "example.com/app/srv.(*S).handle", File: "/src/srv/server.go", Line: 25, Own: true},
		},
		Start: &socket.Frame{Function: "main.serve", File: "main.go", Line: 47},
	}
	thread := socket.Waiter{
		Kind: socket.ThreadWaiter, ID: 5878, Call: "recvfrom",
		Frames: []socket.Frame{{Function: "fetch_report", File: "app.py", Line: 6, Own: true}, {Function: "worker", File: "app.py", Line: 8, Own: true}},
	}
	library := thread
	library.Frames = []socket.Frame{{Function: "get_request", File: "/usr/lib/python3.11/socketserver.py", Line: 505}, {Function: "f"}}
	library.Timeout, library.TimeoutKnown = time.Hour, true
	stripped := thread
	stripped.Frames, stripped.Name = nil, "http-nio-1"
	another := func(w socket.Waiter) socket.Waiter {
		w.ID++
		return w
	}
	of := func(list ...socket.Waiter) []*socket.Socket {
		var sockets []*socket.Socket
		for _, w := range list {
			sockets = append(sockets, &socket.Socket{Watch: &socket.Watch{Waiters: []socket.Waiter{w}}})
		}
		return append(sockets, &socket.Socket{})
	}
	for _, tc := range []struct {
		list []*socket.Socket
		want string
	}{
		{of(), ""},
		{of(goroutine), "goroutine 37 in read for 12m, no deadline: srv.(*S).handle server.go:25, started at main.serve main.go:47"},
		{of(goroutine, another(goroutine)), "2 goroutines in read for 12m, no deadline: srv.(*S).handle server.go:25, started at main.serve main.go:47"},
		{of(thread), "thread 5878 in recv: fetch_report app.py:6 < worker app.py:8"},
		{of(library), "thread 5878 in recv, with a deadline: get_request socketserver.py:505"},
		{of(stripped), "thread 5878 (http-nio-1) in recv"},
		{of(thread, thread, another(thread), stripped), "2 threads in recv: fetch_report app.py:6 < worker app.py:8; thread 5878 (http-nio-1) in recv"},
	} {
		if got := waitingWords(tc.list); got != tc.want {
			t.Errorf("got  %q\nwant %q", got, tc.want)
		}
	}
}

func TestObjectWords(t *testing.T) {
	of := func(objects ...*socket.Object) (list []*socket.Socket) {
		for _, o := range objects {
			list = append(list, &socket.Socket{Object: o})
		}
		return list
	}
	closed := func(files int) *socket.Object { return &socket.Object{Closed: true, Files: files, References: 1} }
	for _, tc := range []struct {
		list []*socket.Socket
		want string
	}{
		{nil, ""},
		{of(nil, &socket.Object{Files: 1}), ""},
		{of(closed(2)), "close() was called, but 2 makefile() objects keep the descriptor open"},
		{of(closed(1), closed(0), nil), "close() was called on 2 of them, but 1 makefile() object keeps the descriptor open"},
		{of(closed(0)), "close() was called, but a call that is still running keeps the descriptor open"},
		{of(closed(1), closed(1)), "close() was called, but 2 makefile() objects keep the descriptor open"},
		{of(&socket.Object{Type: socket.FileIO}), "no socket object has the descriptor any more: 1 file object keeps a duplicate"},
		{of(&socket.Object{References: 1, Held: []string{"kept in app.py"}}), "referred to by kept in app.py"},
		{of(&socket.Object{References: 2, Held: []string{"a in x.py", "b in y.py"}}), "referred to by a in x.py and b in y.py"},
		{of(&socket.Object{References: 4, Held: []string{"a in x.py", "b in y.py"}}), "referred to by a in x.py, b in y.py and 2 more"},
		{of(&socket.Object{References: 1, Ended: true, Held: []string{"s in f x.py:1"}}),
			"all that refers to it is a variable of a function that has ended: s in f x.py:1"},
	} {
		if got := strings.Join(ObjectWords(tc.list), "\n"); got != tc.want {
			t.Errorf("got  %q\nwant %q", got, tc.want)
		}
	}
}
