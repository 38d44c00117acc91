package scan

import (
	"bufio"
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/scan/target"
	"github.com/sockleak/sockleak/internal/socket"
)

// A look and its details name the line that a thread waits at, and what the
// threads do; with NoStacks the memory of the process is left alone.
func TestWaitersOfALook(t *testing.T) {
	source, err := filepath.Abs("../../testdata/lines/python/main.py")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("python3", source)
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	inodes := map[string]uint64{}
	for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "ready"; {
		var role string
		var inode uint64
		fmt.Sscan(lines.Text(), &role, &inode)
		inodes[role] = inode
	}
	for _, without := range []bool{false, true} {
		s, err := New(Options{Now: time.Now, NoStacks: without})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		deadline := time.Now().Add(20 * time.Second)
		for {
			problem := waitersProblem(t, s, cmd.Process.Pid, inodes, without)
			if problem == "" {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("without memory %v: %s", without, problem)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func waitersProblem(t *testing.T, s *Scanner, pid int, inodes map[string]uint64, without bool) string {
	t.Helper()
	snap, err := s.Look(t.Context(), target.Target{PIDs: []int{pid}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Detail(t.Context(), snap, nil); err != nil {
		t.Fatal(err)
	}
	at := map[uint64]*socket.Socket{}
	for _, sock := range snap.Sockets {
		at[sock.Inode] = sock
	}
	recv, poll := at[inodes["recv"]], at[inodes["poll"]]
	if recv == nil || recv.Watch == nil || len(recv.Watch.Threads) != 1 || poll == nil || poll.Watch == nil {
		return "nobody was seen to wait"
	}
	if tasks := snap.Processes[0].Tasks; len(tasks) < 7 || tasks[0].TID == 0 {
		return fmt.Sprintf("%d tasks", len(tasks))
	}
	if without {
		if len(recv.Watch.Waiters) > 0 || recv.Object != nil || poll.Watch.Doubt == "" || len(poll.Watch.Threads) > 0 {
			t.Fatalf("its memory was read: %+v, %+v", recv.Watch, poll.Watch)
		}
		return ""
	}
	if len(recv.Watch.Waiters) != 1 || recv.Watch.Waiters[0].Own() == nil || recv.Object == nil || len(poll.Watch.Threads) != 1 || poll.Watch.Doubt != "" {
		return fmt.Sprintf("waiters %+v, object %+v, poll %+v", recv.Watch.Waiters, recv.Object, poll.Watch)
	}
	return ""
}
