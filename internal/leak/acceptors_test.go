package leak

import (
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// Who waits for the listener in poll or an io_uring accepts next: that it waits
// for others as well is no reason to say where it is instead.
func TestSomebodyWaitsForTheListener(t *testing.T) {
	reader := socket.Waiter{Kind: socket.ThreadWaiter, ID: 7, Call: "poll", Frames: []socket.Frame{{Function: "loop", Own: true}}}
	l := &socket.Socket{State: socket.Listen, Watch: &socket.Watch{Elsewhere: []socket.Waiter{reader}}}
	h := track.NewHistory()
	h.Add(&socket.Snapshot{Sockets: []*socket.Socket{l}})
	c := newCase(h, Settings{})
	if len(c.AcceptWords(l)) == 0 {
		t.Error("where the thread is instead is not said")
	}
	for _, call := range []string{"accept4", "poll", "io_uring_enter"} {
		l.Watch.Threads = []socket.ThreadWait{{TID: 7, Syscall: call}}
		if words := c.AcceptWords(l); len(words) > 0 {
			t.Errorf("in %s: %q", call, words)
		}
	}
}
