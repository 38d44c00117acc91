package scan

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// pollScanner returns a scanner whose clock the caller moves.
func pollScanner(t *testing.T, now *time.Time) *Scanner {
	t.Helper()
	s, err := New(Options{Now: func() time.Time { return *now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func lookFor(t *testing.T, s *Scanner, target Target) *socket.Snapshot {
	t.Helper()
	snap, err := s.Look(context.Background(), target)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

// TestProcessesOfAPoll: each look of a poll finds a new descendant, and misses
// one that has ended.
func TestProcessesOfAPoll(t *testing.T) {
	now := time.Unix(1000, 0)
	s := pollScanner(t, &now)
	tree := Target{PIDs: []int{os.Getpid()}, Tree: true}
	lookFor(t, s, tree)
	child := exec.Command("sleep", "60")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = child.Process.Kill(); _ = child.Wait() }()
	pid := child.Process.Pid
	if snap := lookFor(t, s, tree); !snap.HasPID(pid) {
		t.Errorf("pid %d is not in the snapshot", pid)
	}
	if snap := lookFor(t, s, Target{PIDs: []int{pid}}); snap.HasPID(os.Getpid()) {
		t.Error("another target was answered with the processes of the one before")
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	if snap := lookFor(t, s, tree); snap.HasPID(pid) {
		t.Errorf("pid %d has ended and is still in the snapshot", pid)
	}
}
