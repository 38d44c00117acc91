//go:build linux

package proc

import (
	"errors"
	"os/exec"
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
)

// Processes vanish between any two reads. That is ErrGone, or what little a
// zombie shows, and never another error.
func TestProcessesVanish(t *testing.T) {
	fs := live(t)
	var gone int
	for range 20 {
		cmd := exec.Command("sh", "-c", "exec sleep 0.002")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		reaped := make(chan error)
		go func() { reaped <- cmd.Wait() }()
		for done := false; !done; {
			select {
			case <-reaped:
				done = true
			default:
			}
			for name, err := range readAll(fs, cmd.Process.Pid) {
				switch {
				case errors.Is(err, ErrGone):
					gone++
				case err != nil:
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	}
	if gone == 0 {
		t.Error("no process was gone while it was read: nothing was tested")
	}
}

// readAll calls every method that reads a process, and returns the errors.
func readAll(fs FS, pid int) map[string]error {
	_, stat := fs.Stat(pid)
	p, process := fs.Process(pid)
	_, fds := fs.SocketFDs(pid, func(int32, uint64) {})
	_, epolls := fs.Epolls(pid)
	_, threads := fs.BlockedThreads(pid)
	_, cgroup := fs.Cgroup(pid)
	if process == nil {
		fs.Runtime(&p)
	}
	return map[string]error{
		"Stat": stat, "Process": process, "SocketFDs": fds, "Epolls": epolls, "BlockedThreads": threads,
		"Cgroup": cgroup, "NetTCP": fs.NetTCP(pid, func(*socket.Socket) error { return nil }),
	}
}
