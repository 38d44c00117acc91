//go:build linux

package proc

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestProcessOfOurselves(t *testing.T) {
	fs := live(t)
	p, err := fs.Process(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	start, err := fs.Start(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if p.ID.PID != os.Getpid() || p.ID.Start != start || p.Parent != os.Getppid() ||
		p.UID != uint32(os.Getuid()) || p.FDLimit != limit.Cur || p.SocketFDs != -1 {
		t.Errorf("got %+v", p)
	}
	if p.Exe != exe || p.Name != filepath.Base(exe)[:min(15, len(filepath.Base(exe)))] || len(p.Args) != len(os.Args) {
		t.Errorf("exe %q, name %q, args %q", p.Exe, p.Name, p.Args)
	}
	if cwd, err := os.Getwd(); err != nil || p.Cwd != cwd {
		t.Errorf("cwd %q, want %q (%v)", p.Cwd, cwd, err)
	}
	if age := time.Since(p.Started); age < -2*time.Second || age > time.Hour {
		t.Errorf("started %v ago", age)
	}
	if p.FDs == 0 || p.Threads == 0 || p.NetNS == 0 || p.Cgroup == "" {
		t.Errorf("fds %d, threads %d, netns %d, cgroup %q", p.FDs, p.Threads, p.NetNS, p.Cgroup)
	}
}

// A program that is upgraded or removed while it runs stays the program that it is.
func TestDeletedExecutable(t *testing.T) {
	fs := live(t)
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(sleep)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "sleep")
	if err := os.WriteFile(path, program, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "600")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	before, err := fs.Process(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	after, err := fs.Process(cmd.Process.Pid)
	if err != nil || after.Exe != path || before.Exe != path {
		t.Errorf("executes %q, then %q, %v; want %q", before.Exe, after.Exe, err, path)
	}
}
