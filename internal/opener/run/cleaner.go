//go:build linux

package run

import (
	"io"
	"os/exec"
	"syscall"
)

// cleaner is a process that removes a folder when this program has ended, however
// it did: SIGKILL leaves no time for it.
type cleaner struct {
	stdin io.Closer
	cmd   *exec.Cmd
}

// newCleaner starts one, in a session of its own, where the keys of a terminal do
// not reach it.
func newCleaner(dir string) (*cleaner, error) {
	cmd := exec.Command("sh", "-c", `trap '' HUP INT QUIT TERM; read -r end; rm -rf -- "$0"`, dir)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	return &cleaner{stdin, cmd}, cmd.Start()
}

// close has it do its work, and waits for its end.
func (c *cleaner) close() error {
	_ = c.stdin.Close()
	return c.cmd.Wait()
}
