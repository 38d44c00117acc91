package socket

import (
	"testing"
	"time"
)

func TestStopped(t *testing.T) {
	for state, want := range map[byte]bool{'R': false, 'S': false, 'D': false, 'T': true, 't': true, 'Z': false, 0: false} {
		if p := (Process{RunState: state}); p.Stopped() != want {
			t.Errorf("state %q: %v", state, !want)
		}
		if p := (Process{RunState: state, Frozen: true, FrozenKnown: true}); !p.Stopped() {
			t.Errorf("frozen in state %q", state)
		}
	}
}

func TestStartedAfter(t *testing.T) {
	at := time.Unix(1_000_000, 0)
	p := Process{Started: at}
	if !p.StartedAfter(at.Add(-time.Nanosecond)) || p.StartedAfter(at) || p.StartedAfter(at.Add(time.Hour)) {
		t.Error("not after what was before, or after what was not")
	}
	if (&Process{}).StartedAfter(time.Time{}.Add(-time.Hour)) {
		t.Error("known of a process of which it is not")
	}
}
