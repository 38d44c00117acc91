package leak

import (
	"reflect"
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
)

func TestOwnerWords(t *testing.T) {
	registered := func(o *socket.Owner) *socket.Socket {
		return &socket.Socket{Watch: &socket.Watch{Epolls: []socket.EpollWatch{{Owner: o}}}}
	}
	task := &socket.Owner{Protocol: "StreamReaderProtocol", Task: []socket.Frame{
		{Function: "sleep", File: "/usr/lib/python3.11/asyncio/tasks.py", Line: 639, Module: "std"},
		{Function: "handle", File: "/srv/app.py", Line: 9, Own: true},
	}}
	got := ownerWords([]*socket.Socket{registered(nil), registered(&socket.Owner{Protocol: "Echo"}), registered(task), registered(task), {}})
	if want := []string{"for 2 tasks in handle app.py:9", "for 1 protocol Echo"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// One thread waits for all sockets of an event loop.
func TestLoopIsOneThread(t *testing.T) {
	w := socket.Waiter{Kind: socket.ThreadWaiter, ID: 7, Loop: "asyncio", Call: "epoll_wait", Frames: []socket.Frame{{Function: "main", File: "app.py", Line: 3, Own: true}}}
	s := &socket.Socket{Watch: &socket.Watch{Waiters: []socket.Waiter{w}}}
	if got, want := waitingWords([]*socket.Socket{s, s, s}), "thread 7 in epoll_wait, the asyncio loop: main app.py:3"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
