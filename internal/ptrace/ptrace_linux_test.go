//go:build amd64 || arm64

package ptrace_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/ptrace"
	"github.com/sockleak/sockleak/internal/testkit"
)

// traced is what a tracer was told, in the order of the calls. It is read after
// the command has ended.
type traced struct {
	*ptrace.Command
	out   *os.File
	calls []ptrace.Call
	execs []int
	exits []string // comm and number of descriptors
}

// start traces a script of sh.
func start(t *testing.T, script string) *traced {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	got := &traced{out: out}
	got.Command, err = ptrace.Start(sh, []string{"sh", "-c", script}, &os.ProcAttr{Files: []*os.File{nil, out, os.Stderr}}, ptrace.Options{
		Call: func(c *ptrace.Call) bool { got.calls = append(got.calls, *c); return false },
		Exec: func(pid int, _ ptrace.Need) { got.execs = append(got.execs, pid) },
		Exit: func(e *ptrace.Exit) bool {
			comm, _ := os.ReadFile("/proc/" + itoa(e.PID) + "/comm")
			got.exits = append(got.exits, strings.TrimSpace(string(comm)))
			return false
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (got *traced) text(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(got.out.Name())
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

func TestEnds(t *testing.T) {
	for _, tc := range []struct {
		script string
		code   int
		signal syscall.Signal
	}{
		{"exit 0", 0, 0},
		{"exit 42", 42, 0},
		{"kill -KILL $$", 0, syscall.SIGKILL},
		{"kill -TERM $$", 0, syscall.SIGTERM},
		{"trap 'exit 9' USR1; kill -USR1 $$; exit 1", 9, 0},
		{"sleep 0.1 & wait $!; exit 7", 7, 0},
		{"exec sh -c 'exit 3'", 3, 0},
	} {
		status, _ := start(t, tc.script).Wait()
		switch {
		case tc.signal == 0 && (!status.Exited() || status.ExitStatus() != tc.code):
			t.Errorf("%s: ended with %#x, want code %d", tc.script, status, tc.code)
		case tc.signal != 0 && (!status.Signaled() || status.Signal() != tc.signal):
			t.Errorf("%s: ended with %#x, want signal %d", tc.script, status, tc.signal)
		}
	}
}

// The program sees no signal that it would not have seen without a tracer, and a
// stopped one stays stopped until somebody continues it.
func TestJobControl(t *testing.T) {
	got := start(t, `trap 'echo continued' CONT; kill -STOP $$; echo after`)
	state := func() string {
		text, _ := os.ReadFile("/proc/" + itoa(got.PID()) + "/status")
		_, rest, _ := strings.Cut(string(text), "State:\t")
		return rest[:min(1, len(rest))]
	}
	stopped := 0
	testkit.Eventually(t, "the program stopped itself", func() bool {
		if state() == "t" {
			stopped++
		} else {
			stopped = 0
		}
		return stopped > 50
	})
	if text := got.text(t); text != "" {
		t.Fatalf("it ran on: %q", text)
	}
	if !got.Halted(got.PID()) {
		t.Error("it is not said to be stopped")
	}
	if err := got.Signal(unix.SIGCONT); err != nil {
		t.Fatal(err)
	}
	_, _ = got.Wait()
	if text := got.text(t); text != "continued\nafter" {
		t.Errorf("it printed %q", text)
	}
}

func TestCalls(t *testing.T) {
	script := `python3 -c '
import socket, threading, os
l = socket.socket(); l.bind(("127.0.0.1", 0)); l.listen()
t = threading.Thread(target=lambda: l.accept()[0].fileno()); t.start()
c = socket.create_connection(l.getsockname()); t.join()
a, b = socket.socketpair()
pid = os.fork()
if pid == 0:
    s = socket.socket(socket.AF_UNIX); os._exit(0)
os.waitpid(pid, 0)
print(os.getpid(), l.fileno(), c.fileno(), a.fileno(), b.fileno(), pid)
'`
	got := start(t, script)
	if status, _ := got.Wait(); status != 0 {
		t.Fatalf("ended with %#x", status)
	}
	f := strings.Fields(got.text(t))
	pid, l, c, a, child := atoi(f[0]), atoi(f[1]), atoi(f[2]), atoi(f[3]), atoi(f[5])
	want := map[int]int{} // by call and result
	for _, call := range got.calls {
		if call.Result < 0 || call.PC == 0 || call.SP == 0 {
			continue
		}
		switch {
		case call.TID == pid && call.Number == unix.SYS_SOCKET && (call.Result == int64(l) || call.Result == int64(c)):
			want[1]++
		case call.TID != pid && call.TID != child && call.Number == unix.SYS_ACCEPT4:
			want[2]++
		case call.TID == pid && call.Number == unix.SYS_SOCKETPAIR && call.Args[3] != 0 && a > 0:
			want[3]++
		case call.TID == child && call.Number == unix.SYS_SOCKET:
			want[4]++
		}
	}
	if want[1] < 2 || want[2] != 1 || want[3] != 1 || want[4] != 1 {
		t.Errorf("sockets %v among %d calls: %+v", want, len(got.calls), got.calls)
	}
	if len(got.execs) == 0 {
		t.Error("no exec was told of")
	}
	if n := len(got.exits); n < 2 { // the shell, or python in its place; the child
		t.Errorf("%d exits: %v", n, got.exits)
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
