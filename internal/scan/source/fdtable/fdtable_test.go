//go:build linux

package fdtable

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/socket"
)

// TestTablesInOrder: however many threads read them, the tables come in the
// order of the processes, each once, and one that is gone is an error of its
// own place.
func TestTablesInOrder(t *testing.T) {
	files, err := proc.New(proc.Root)
	if err != nil {
		t.Fatal(err)
	}
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	var list []socket.Process
	for i := range 200 {
		pid := os.Getpid()
		if i%7 == 3 {
			pid = gone.Process.Pid
		}
		list = append(list, socket.Process{ID: socket.ProcessID{PID: pid}})
	}
	var want, got []int
	eachTable(files, list, func(i int, tab *table) {
		got, want = append(got, i), append(want, len(want))
		if pid := list[i].ID.PID; errors.Is(tab.err, fs.ErrNotExist) != (pid != os.Getpid()) || tab.err == nil && tab.total == 0 {
			t.Errorf("table %d, of pid %d: %d descriptors, error %v", i, pid, tab.total, tab.err)
		}
	})
	if !slices.Equal(got, want) || len(got) != len(list) {
		t.Errorf("%d tables came, in the order %v", len(got), got)
	}
}
