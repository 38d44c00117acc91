package opener

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/symbol/native"
)

const blocked = `import socket

def wait(s):
    s.recv(1)

a, b = socket.socketpair()
print(a.fileno(), flush=True)
wait(a)
`

// A thread that sleeps is as good as one that is stopped.
func TestStackOfPython(t *testing.T) {
	source := filepath.Join(t.TempDir(), "blocked.py")
	if err := os.WriteFile(source, []byte(blocked), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("python3", source)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	s, err := NewStacks("/proc")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	stack := s.Read(asleep(t, cmd.Process.Pid))
	if len(stack.Frames) != 2 || stack.Frames[0].Function != "wait" || stack.Frames[0].Line != 4 || stack.Frames[0].File != source || stack.Doubt != "" {
		t.Errorf("%+v; want wait at line 4", stack)
	}
}

// asleep waits until the main thread of a process sleeps in a system call on a
// descriptor, and returns where.
func asleep(t *testing.T, pid int) Place {
	t.Helper()
	fs, err := proc.New("/proc")
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		threads, err := fs.BlockedThreads(pid)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range threads.Blocked {
			if b.Syscall == "recvfrom" {
				return Place{PID: pid, TID: b.TID, Image: 1, Registers: native.Registers{PC: b.PC, SP: b.SP}}
			}
		}
	}
	t.Fatal("no thread sleeps")
	return Place{}
}

func TestStackOfNoProcess(t *testing.T) {
	s, err := NewStacks("/proc")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if stack := s.Read(Place{PID: 1 << 30, Image: 1}); stack.Doubt == "" || len(stack.Frames) > 0 {
		t.Errorf("%+v; want no frames, and why", stack)
	}
	for image := range uint64(2 * mostPrograms) {
		s.Program(os.Getpid(), image)
	}
	if len(s.programs) > mostPrograms || len(s.order) != len(s.programs) || len(s.doubts) > mostPrograms {
		t.Errorf("%d programs are open", len(s.programs))
	}
}
