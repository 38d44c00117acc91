//go:build amd64 || arm64

package ptrace_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/ptrace"
	"github.com/sockleak/sockleak/internal/testkit"
)

// watch traces a script of sh without a filter.
func watch(t *testing.T, script string, exit func(*ptrace.Exit) bool) *traced {
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
	got.Command, err = ptrace.Start(sh, []string{"sh", "-c", script}, &os.ProcAttr{Files: []*os.File{nil, out, os.Stderr}}, ptrace.Options{Exit: exit})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { got.Signal(unix.SIGKILL) })
	return got
}

// A process stands still at its exit, with its descriptors open, while others run.
func TestExitIsHeld(t *testing.T) {
	held := make(chan *ptrace.Exit, 10)
	got := watch(t, "(exec 7</dev/zero; exec 8</dev/null; true) & sh -c 'echo other'; wait; exit 5", func(e *ptrace.Exit) bool {
		_, err := os.Stat("/proc/" + itoa(e.PID) + "/fd/8")
		if err == nil {
			held <- e
		}
		return err == nil
	})
	e := <-held
	testkit.Eventually(t, "the other one runs", func() bool { return got.text(t) == "other" })
	if link, err := os.Readlink("/proc/" + itoa(e.PID) + "/fd/7"); link != "/dev/zero" {
		t.Errorf("descriptor 7 is %q, %v", link, err)
	}
	e.Release()
	e.Release()
	if status, _ := got.Wait(); status.ExitStatus() != 5 {
		t.Errorf("ended with %#x", status)
	}
	e.Release()
}

// Who forgets to let go of a process does not keep it.
func TestExitIsHeldForAWhile(t *testing.T) {
	got := watch(t, "exit 6", func(*ptrace.Exit) bool { return true })
	if status, _ := got.Wait(); status.ExitStatus() != 6 {
		t.Errorf("ended with %#x", status)
	}
}

// What is let go runs on by itself, also what stands still or is stopped.
func TestLeave(t *testing.T) {
	held := make(chan *ptrace.Exit, 10)
	got := watch(t, "sleep 60 & sleeper=$!; (exit 3) & wait $!; echo $sleeper $?; kill -STOP $sleeper; wait $sleeper", func(e *ptrace.Exit) bool {
		held <- e
		return true
	})
	<-held
	got.Leave("the test wants it")
	var sleeper string
	testkit.Eventually(t, "the shell goes on", func() bool {
		f := strings.Fields(got.text(t))
		if len(f) == 2 {
			sleeper = f[0]
		}
		return len(f) == 2 && f[1] == "3"
	})
	for _, pid := range []string{itoa(got.PID()), sleeper} {
		testkit.Eventually(t, pid+" has no tracer", func() bool { return strings.Contains(status(t, pid), "TracerPid:\t0\n") })
	}
	testkit.Eventually(t, "the sleeper is stopped", func() bool { return strings.Contains(status(t, sleeper), "State:\tT") })
	if why := got.Untraced(); why != "the test wants it" {
		t.Errorf("untraced: %q", why)
	}
	unix.Kill(atoi(sleeper), unix.SIGKILL)
	got.Wait()
}

func status(t *testing.T, pid string) string {
	t.Helper()
	text, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A debugger among the command finds all of it untraced.
func TestDebuggersWork(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("strace is not installed")
	}
	got := watch(t, `sleep 60 & sleeper=$!
		strace -qq -e trace=none sh -c 'exit 4'; echo $?
		strace -qq -e trace=none -p $sleeper -o /dev/null & strace=$!
		while ! grep -q "TracerPid:.$strace" /proc/$sleeper/status; do sleep 0.05; done
		kill $sleeper; wait; echo over`, func(*ptrace.Exit) bool { return false })
	got.Wait()
	if text := got.text(t); text != "4\nover" {
		t.Errorf("it printed %q", text)
	}
	if why := got.Untraced(); why != "strace is a program that traces others" {
		t.Errorf("untraced: %q", why)
	}
}

// A set-user-ID program has its rights, under a tracer that has none.
func TestRightsAreKept(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to make a set-user-ID program and to be somebody else")
	}
	dir, err := os.MkdirTemp("/var/tmp", "ptrace")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	os.Chmod(dir, 0o755)
	id, err := exec.LookPath("id")
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "setid")
	data, err := os.ReadFile(id)
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(program, data, 0o755)
	os.Chmod(program, os.ModeSetuid|0o755)
	for name, args := range map[string][]string{
		"in a shell":     {"sh", "-c", program + " -u; echo after"},
		"as the command": {program, "-u"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(testBinary(t, dir), args...)
			cmd.Env = append(os.Environ(), "PTRACE_TEST=run", "A=many words")
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
			out, err := cmd.CombinedOutput()
			if err != nil || !strings.HasPrefix(string(out), "0\n") {
				t.Errorf("the effective user is %q, %v; want 0", out, err)
			}
		})
	}
}

// testBinary copies the test binary to where everybody may execute it.
func testBinary(t *testing.T, dir string) string {
	t.Helper()
	data, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "test")
	if err := os.WriteFile(path, data, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestMain makes the test binary one that traces its arguments.
func TestMain(m *testing.M) {
	if os.Getenv("PTRACE_TEST") == "" {
		os.Exit(m.Run())
	}
	path, err := exec.LookPath(os.Args[1])
	if err != nil {
		panic(err)
	}
	c, err := ptrace.Start(path, os.Args[1:], &os.ProcAttr{Files: []*os.File{nil, os.Stdout, os.Stderr}}, ptrace.Options{Exit: func(*ptrace.Exit) bool { return false }})
	if err != nil {
		panic(err)
	}
	status, _ := c.Wait()
	os.Exit(status.ExitStatus())
}
