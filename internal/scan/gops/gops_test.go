package gops

import (
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
)

// TestMain plays the child of the tests: it waits until its stdin is closed.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && strings.HasPrefix(os.Args[1], "gops-child") {
		_, _ = io.Copy(io.Discard, os.Stdin)
		return
	}
	os.Exit(m.Run())
}

func child(t *testing.T, arg string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], arg)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = cmd.Wait()
	})
	return cmd
}

func TestFindByArguments(t *testing.T) {
	cmd := child(t, "gops-child-4711")
	found, err := Find(t.Context(), func(s string) bool { return strings.Contains(s, "gops-child-4711") })
	if err != nil || !slices.Equal(found, []int{cmd.Process.Pid}) {
		t.Errorf("found %v, %v; want %d alone", found, err, cmd.Process.Pid)
	}
}

func TestFindLeavesOutWhoAsks(t *testing.T) {
	found, err := Find(t.Context(), func(string) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(found, os.Getpid()) {
		t.Error("it found itself")
	}
	parent, err := Process(t.Context(), os.Getppid())
	if err != nil {
		t.Fatal(err)
	}
	found, err = Find(t.Context(), func(s string) bool { return s == strings.Join(parent.Args, " ") && s != parent.Name })
	if err != nil || slices.Contains(found, os.Getppid()) {
		t.Errorf("its parent was found by its arguments: %v, %v", found, err)
	}
}

func TestProcess(t *testing.T) {
	p, err := Process(t.Context(), os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if p.ID.PID != os.Getpid() || p.ID.Start == 0 || p.Parent != os.Getppid() || p.Name == "" || p.Threads == 0 {
		t.Errorf("%+v", p)
	}
	if _, err := Process(t.Context(), 1<<30); err == nil {
		t.Error("a process that does not exist was described")
	}
	if pids, err := PIDs(t.Context()); err != nil || !slices.Contains(pids, os.Getpid()) {
		t.Errorf("pids %v, %v", pids, err)
	}
}

// A listener and a connection in CLOSE_WAIT, as gopsutil sees them.
func TestSockets(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	a, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	c.Close()
	if _, err := io.ReadAll(a); err != nil { // the FIN has arrived
		t.Fatal(err)
	}
	seen := map[socket.State]socket.Socket{}
	err = Sockets(context.Background(), os.Getpid(), func(_ int32, s *socket.Socket) {
		if s.IsTCP() && s.Local.String() == l.Addr().String() {
			seen[s.State] = *s
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := seen[socket.Listen]; !ok || s.Remote.IsValid() || s.Has(socket.HasQueues) {
		t.Errorf("listener: %+v", s)
	}
	if s, ok := seen[socket.CloseWait]; !ok || s.Remote.String() != c.LocalAddr().String() || s.Presence != socket.InTable {
		t.Errorf("connection: %+v", s)
	}
}

func TestParseState(t *testing.T) {
	for name, want := range map[string]socket.State{
		"ESTABLISHED": socket.Established, "CLOSE_WAIT": socket.CloseWait, "FIN_WAIT1": socket.FinWait1,
		"FIN_WAIT_2": socket.FinWait2, "SYN_RECEIVED": socket.SynRecv, "NONE": socket.Close, "": socket.Close,
		"DELETE": socket.StateUnknown,
	} {
		if got := parseState(name); got != want {
			t.Errorf("%q is %v, want %v", name, got, want)
		}
	}
}
