package scan

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Each look of a poll tells whether the process was stopped since.
func TestLooksTellRunState(t *testing.T) {
	var none struct{}
	child := spawn(t, &none, nil, "share")
	s := scanner(t, "", false)
	for _, step := range []struct {
		signal  unix.Signal
		stopped bool
	}{{0, false}, {unix.SIGSTOP, true}, {unix.SIGCONT, false}} {
		if err := unix.Kill(child.pid, step.signal); err != nil {
			t.Fatal(err)
		}
		deadline := time.Now().Add(10 * time.Second)
		for {
			p := lookAt(t, s, child.pid).Processes[0]
			if p.RunState != 0 && p.Stopped() == step.stopped {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("after signal %v the state is %q", step.signal, p.RunState)
			}
			time.Sleep(time.Millisecond)
		}
	}
}
