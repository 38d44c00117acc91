package waiters

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// In a container threads know themselves by other ids than we see.
func TestThreadsOfAnotherNamespace(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to make a pid namespace")
	}
	inside := func(cmd *exec.Cmd) *exec.Cmd {
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID}
		return cmd
	}
	t.Run("python", func(t *testing.T) {
		source, err := filepath.Abs("../../testdata/lines/python/main.py")
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("python3", source)
		if _, err := cmd.StdinPipe(); err != nil {
			t.Fatal(err)
		}
		p := run(t, source, inside(cmd))
		p.eventually(func() []string {
			found, err := p.look()
			if err != nil {
				return []string{err.Error()}
			}
			at := found[p.inodes["recv"][0]]
			if len(at.waiters) != 1 || at.waiters[0].Own() == nil || filepath.Base(at.waiters[0].Own().File) != "main.py" {
				return []string{"no line of main.py waits in recv"}
			}
			return nil
		})
	})
	t.Run("cgo", func(t *testing.T) {
		needCompiler(t)
		t.Setenv("CGO_ENABLED", "1")
		exe, source := buildGo(t, "local", "cgo")
		p := run(t, source, inside(exec.Command(exe)))
		p.check([]want{{"cgo", "recvfrom", "main.inC", "waits: cgo", nil}})
	})
}
