//go:build linux

package pidfd

import (
	"os"
	"os/exec"
	"testing"

	"github.com/sockleak/sockleak/internal/socket"
)

func TestLifelines(t *testing.T) {
	child := exec.Command("sleep", "60")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = child.Process.Kill(); _ = child.Wait() }()
	list := []socket.Process{
		{ID: socket.ProcessID{PID: os.Getpid(), Start: 1}},
		{ID: socket.ProcessID{PID: child.Process.Pid, Start: 2}},
	}
	var l Lifelines
	defer l.Close()
	if l.AllAlive(list) {
		t.Error("nothing is known before Attach")
	}
	l.Attach(list)
	if !l.AllAlive(list) {
		t.Error("both live")
	}
	if l.AllAlive(list[:1]) || l.AllAlive([]socket.Process{list[0], {ID: socket.ProcessID{PID: child.Process.Pid, Start: 3}}}) {
		t.Error("the lifelines are of other processes")
	}
	_ = child.Process.Kill()
	_ = child.Wait()
	if l.AllAlive(list) {
		t.Error("one has ended")
	}
	l.Attach(list[1:])
	if l.AllAlive(list[1:]) {
		t.Error("there is no lifeline of what has ended")
	}
}
