package report

import (
	"reflect"
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
)

// TestAccountsInParts counts the same in parts as in one.
func TestAccountsInParts(t *testing.T) {
	snap := &socket.Snapshot{}
	for pid := 1; pid <= 3; pid++ {
		snap.Processes = append(snap.Processes, socket.Process{ID: socket.ProcessID{PID: pid}, Target: pid < 3})
	}
	for i := range 30_001 {
		s := &socket.Socket{Family: socket.IPv4, Type: socket.Stream, Protocol: socket.TCP, State: socket.Established, Presence: socket.InTable}
		switch {
		case i%3 == 0:
			s.State = socket.CloseWait
		case i%7 == 0:
			s.Presence = socket.NotInTable
		}
		for pid := 1; pid <= 1+i%3; pid++ {
			s.Holders = append(s.Holders, socket.Holder{Process: socket.ProcessID{PID: pid}, FD: int32(i)})
		}
		snap.Sockets = append(snap.Sockets, s)
	}
	targets, total := accountsOf(snap)
	got, want := append(targets, total), accountsOfPart(snap, snap.Sockets)
	if len(want) != 3 || total.Sockets != len(snap.Sockets) || total.Descriptors != want[0].Descriptors+want[1].Descriptors || want[0].Sockets != len(snap.Sockets) || len(want[0].NotIdentified) == 0 || len(want[0].States) != 2 {
		t.Fatalf("in one: %+v", want)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("in parts %+v, in one %+v", got, want)
	}
}
