//go:build linux

package proc

import (
	"os"
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
