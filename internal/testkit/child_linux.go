package testkit

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
)

// variable names the child that a test binary is to be.
const variable = "TESTKIT_CHILD"

// Children are the children of a test binary by name. Each prints its answer as
// JSON when it is ready, and lives until its standard input ends. An answer with
// a method After has it called when it was printed, and one with a method End
// when the input has ended. The main goroutine is locked to the thread leader.
type Children map[string]func(args []string) any

// Main is the body of TestMain: it runs the tests, or the child that was asked
// for.
func Main(m *testing.M, children Children) {
	name := os.Getenv(variable)
	if name == "" {
		os.Exit(m.Run())
	}
	runtime.LockOSThread()
	answer := children[name](os.Args[1:])
	Must(json.NewEncoder(os.Stdout).Encode(answer))
	if a, ok := answer.(interface{ After() }); ok {
		a.After()
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	if a, ok := answer.(interface{ End() }); ok {
		a.End()
	}
}

// Child is a child that runs. It ends with the test, if not before.
type Child struct {
	PID   int
	stdin io.Closer
	cmd   *exec.Cmd
	ended bool
}

// Stop lets the child end, and waits for it.
func (c *Child) Stop() { c.end(func() { _ = c.stdin.Close() }) }

// Kill ends the child at once, and waits for it.
func (c *Child) Kill() { c.end(func() { _ = c.cmd.Process.Kill() }) }

func (c *Child) end(how func()) {
	if !c.ended {
		c.ended = true
		how()
		_ = c.cmd.Wait()
	}
}

// Spawn starts a child with the attributes and decodes its answer.
func Spawn(t testing.TB, answer any, attr *syscall.SysProcAttr, name string, args ...string) *Child {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Dir = "/"
	cmd.SysProcAttr = attr
	return Start(t, answer, cmd, name)
}

// SpawnWith is Spawn with open files that the child has from descriptor 3 on.
func SpawnWith(t testing.TB, answer any, attr *syscall.SysProcAttr, files []*os.File, name string, args ...string) *Child {
	t.Helper()
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Dir = "/"
	cmd.SysProcAttr, cmd.ExtraFiles = attr, files
	return Start(t, answer, cmd, name)
}

// Run is Spawn by a command line that ends up in the test binary, os.Args[0].
func Run(t testing.TB, answer any, name string, argv ...string) *Child {
	t.Helper()
	return Start(t, answer, exec.Command(argv[0], argv[1:]...), name)
}

// Start is Spawn for a command that ends up in the test binary.
func Start(t testing.TB, answer any, cmd *exec.Cmd, name string) *Child {
	t.Helper()
	cmd.Env = append(os.Environ(), variable+"="+name)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := &Child{PID: cmd.Process.Pid, stdin: stdin, cmd: cmd}
	t.Cleanup(func() {
		_ = stdin.Close()
		c.Kill() // it may have a reason not to end by itself
	})
	if err := json.NewDecoder(stdout).Decode(answer); err != nil {
		t.Fatalf("child %s: %v", name, err)
	}
	return c
}

// Nobody are the attributes of a child of another user with no capability but
// those given, which takes root.
func Nobody(caps ...uintptr) *syscall.SysProcAttr {
	const uid = 65534
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}, AmbientCaps: caps}
}
