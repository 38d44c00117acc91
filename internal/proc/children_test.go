//go:build linux

package proc

import (
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/sockleak/sockleak/internal/testkit"
)

func TestChildren(t *testing.T) {
	fs := live(t)
	var child pair
	pid := testkit.Spawn(t, &child, nil, "hold").PID
	pids, err := fs.Children(os.Getpid())
	if err != nil || !slices.Contains(pids, pid) {
		t.Errorf("children %v, %v; want %d among them", pids, err, pid)
	}
	if pids, err := fs.Children(pid); err != nil || len(pids) != 0 {
		t.Errorf("children of a process without any: %v, %v", pids, err)
	}
	if _, err := fs.Children(1 << 22); !errors.Is(err, ErrGone) {
		t.Errorf("children of no process: %v; want ErrGone", err)
	}
}
