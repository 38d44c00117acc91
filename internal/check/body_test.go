package check

import (
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
)

// TestUnclosedBodies: what proves that a response's body was not closed, and
// what a pool of another protocol looks like.
func TestUnclosedBodies(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*life, *socket.Socket)
		want   int
	}{
		"a body":                  {func(*life, *socket.Socket) {}, 1},
		"not a program in Go":     {func(l *life, _ *socket.Socket) { l.process.Runtime = socket.Java }, 0},
		"two requests":            {func(_ *life, s *socket.Socket) { s.TCP.DataSegsOut = 2 }, 0},
		"requests are not known":  {func(_ *life, s *socket.Socket) { s.Facts &^= socket.HasDataSegs }, 0},
		"the end was read":        {func(_ *life, s *socket.Socket) { s.RecvQ = 0 }, 0},
		"accepted":                {func(l *life, s *socket.Socket) { l.served[s.ID()] = true }, 0},
		"given by another":        {func(l *life, s *socket.Socket) { l.given[s.ID()] = true }, 0},
		"the peer is not known":   {func(_ *life, s *socket.Socket) { s.Peer = nil }, 0},
		"the peer is still there": {func(_ *life, s *socket.Socket) { s.Peer = &socket.Peer{} }, 0},
		"the peer has just left":  {func(l *life, _ *socket.Socket) { l.born = l.born.Add(-20 * time.Second) }, 0},
	} {
		l := newLife(socket.ProcessID{PID: 42, Start: 7}, time.Time{})
		s := &socket.Socket{
			Cookie: 1, Family: socket.IPv4, Protocol: socket.TCP, State: socket.CloseWait, Presence: socket.InTable, RecvQ: 1,
			Facts: socket.HasState | socket.HasQueues | socket.HasDataSegs, TCP: socket.TCPInfo{DataSegsOut: 1},
			Peer: &socket.Peer{Gone: true}, Holders: []socket.Holder{{Process: l.id, FD: 5}},
		}
		begin := time.Unix(1e9, 0)
		l.born, l.given, l.process.Runtime = begin, map[socket.ID]bool{}, socket.Go
		for _, at := range []time.Duration{time.Second, 4 * time.Second} {
			l.history.Add(&socket.Snapshot{Taken: begin.Add(at), Sockets: []*socket.Socket{s},
				Processes: []socket.Process{{ID: l.id, Target: true, Runtime: socket.Go}}})
		}
		tc.change(l, s)
		if got := l.unclosedBodies(leak.Defaults()); len(got) != tc.want {
			t.Errorf("%s: %d, want %d", name, len(got), tc.want)
		}
	}
}
