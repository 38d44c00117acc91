package rules

import (
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// object says what Python thinks of the socket.
func object(o socket.Object) trait { return func(s *socket.Socket, _ int) { s.Object = &o } }

func objectCases() []ruleCase {
	ended := object(socket.Object{References: 1, Ended: true, Held: []string{"errors in app.py > ValueError > traceback > s in ask app.py:7"}})
	closed := object(socket.Object{References: 1, Closed: true, Files: 1})
	duplicate := object(socket.Object{References: 1, Type: socket.FileIO})
	waiting, idle := in(socket.CloseWait), silent(7*sec)
	return []ruleCase{
		{"close-skipped", "several, of an open connection", leak.Leak, look(clients(3, idle, ended, nobody())), "no code can close them"},
		{"close-skipped", "several that the peer closed", leak.Leak, look(clients(3, waiting, recvQ(1), idle, ended, nobody())), ""},
		{"close-skipped", "one, while its exception may be handled", silence, look(clients(1, idle, ended, nobody())), ""},
		{"close-skipped", "one for a minute", leak.Suspect, look(clients(1, silent(time.Minute), ended, nobody())), ""},
		{"close-skipped", "within the grace period", silence, look(clients(9, silent(4*sec), ended, nobody())), ""},
		{"close-skipped", "somebody waits for it", silence, look(clients(9, idle, ended, thread("recvfrom"))), ""},
		{"close-skipped", "something else refers to it", silence, look(clients(9, idle, object(socket.Object{References: 2}), nobody())), ""},

		{"close-deferred", "several, and no thread is free", leak.Leak, look(clients(3, idle, closed, nobody())), "called close() on 3 connections"},
		{"close-deferred", "one for the proof period", leak.Leak, look(clients(1, silent(30*sec), closed, nobody())), "called close() on a connection"},
		{"close-deferred", "several, and threads are free", leak.Suspect, look(clients(3, idle, closed, nobody()), threads(4, 0)), ""},
		{"close-deferred", "several for a minute, and threads are free", leak.Leak, look(clients(3, silent(time.Minute), closed, nobody()), threads(4, 0)), ""},
		{"close-deferred", "one answer that is worked on", silence, look(clients(1, idle, closed, nobody()), threads(1, 0)), ""},
		{"close-deferred", "the file object is being read", silence, look(clients(9, idle, closed, thread("recvfrom"))), ""},
		{"close-deferred", "a duplicate of what the peer closed", leak.Leak, look(clients(3, waiting, idle, duplicate, nobody())), "shutdown() would"},
		{"close-deferred", "a file object of an open connection", silence, look(clients(3, idle, duplicate, nobody())), ""},
		{"close-deferred", "within the grace period", silence, look(clients(9, silent(4*sec), closed, nobody())), ""},
	}
}

// Objects asks about what nobody waits for, in Python.
func TestObjects(t *testing.T) {
	for name, tc := range map[string]struct {
		h    *track.History
		want int
	}{
		"idle":                {look(clients(2, silent(6*sec), nobody())), 2},
		"in use":              {look(clients(2, silent(4*sec), nobody())), 0},
		"waited for":          {look(clients(2, silent(6*sec), thread("poll"))), 0},
		"not known who waits": {look(clients(2, silent(6*sec), doubt())), 0},
		"of a Go program":     {look(clients(2, silent(6*sec), nobody()), process(func(p *socket.Process) { p.Runtime = socket.Go })), 0},
		"listener":            {look(listener(silent(6*sec), nobody())), 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := leak.Objects(tc.h, leak.Defaults()); len(got) != tc.want {
				t.Errorf("it asks about %d sockets, want %d", len(got), tc.want)
			}
		})
	}
}
