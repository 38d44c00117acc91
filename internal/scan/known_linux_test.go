package scan

import (
	"context"
	"net"
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

// TestSocketsAreNeverRecalled: between two looks of a fast poll only what is
// known of processes is taken for granted.
func TestSocketsAreNeverRecalled(t *testing.T) {
	now := time.Unix(1000, 0)
	s := pollScanner(t, &now)
	self := Target{PIDs: []int{os.Getpid()}}
	lookFor(t, s, self) // which opens netlink sockets of its own
	before := len(lookFor(t, s, self).Sockets)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	now = now.Add(knownFor / 10)
	if after := len(lookFor(t, s, self).Sockets); after != before+1 {
		t.Errorf("%d sockets, and %d with one more", before, after)
	}
}

// TestProcessesAreRecalled: a new descendant is found when knownFor is over,
// one that has ended is missed at once.
func TestProcessesAreRecalled(t *testing.T) {
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
	now = now.Add(knownFor)
	if snap := lookFor(t, s, tree); !snap.HasPID(pid) {
		t.Errorf("pid %d is not in the snapshot after %s", pid, knownFor)
	}
	other := Target{PIDs: []int{pid}}
	if snap := lookFor(t, s, other); snap.HasPID(os.Getpid()) {
		t.Error("another target was answered with the processes of the one before")
	}
	lookFor(t, s, tree)
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	if snap := lookFor(t, s, tree); snap.HasPID(pid) {
		t.Errorf("pid %d has ended and is still in the snapshot", pid)
	}
}
