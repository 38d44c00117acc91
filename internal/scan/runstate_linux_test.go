package scan

import (
	"os"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/testkit"
)

// Each look of a poll tells whether the process was stopped since.
func TestLooksTellRunState(t *testing.T) {
	var none struct{}
	child := testkit.Spawn(t, &none, nil, "share")
	s := scanner(t, "", false)
	for _, step := range []struct {
		signal  unix.Signal
		stopped bool
	}{{0, false}, {unix.SIGSTOP, true}, {unix.SIGCONT, false}} {
		if err := unix.Kill(child.PID, step.signal); err != nil {
			t.Fatal(err)
		}
		deadline := time.Now().Add(10 * time.Second)
		for {
			p := lookAt(t, s, child.PID).Processes[0]
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

// Each look tells how many threads there are, whichever source sees the sockets,
// also where what is known of the process is from the look before.
func TestLooksCountThreads(t *testing.T) {
	var none struct{}
	child := testkit.Spawn(t, &none, nil, "share")
	for _, source := range []string{"bpf", "sockdiag", "procfs", "gopsutil"} {
		t.Run(source, func(t *testing.T) {
			s := scanner(t, source, false)
			for begin := time.Now(); ; time.Sleep(time.Millisecond) {
				before := threadsOf(t, child.PID)
				lookAt(t, s, child.PID)
				p := lookAt(t, s, child.PID).Processes[0]
				if p.Threads > 0 && p.Threads == before && threadsOf(t, child.PID) == before && p.RunState != 0 && !p.Started.IsZero() {
					break
				}
				if time.Since(begin) > 10*time.Second {
					t.Fatalf("%d threads, state %q, started %v; /proc has %d threads", p.Threads, p.RunState, p.Started, before)
				}
			}
		})
	}
}

// threadsOf counts the threads of a process in /proc.
func threadsOf(t *testing.T, pid int) int {
	t.Helper()
	list, err := os.ReadDir("/proc/" + strconv.Itoa(pid) + "/task")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}
