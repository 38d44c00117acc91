package target

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/sockleak/sockleak/internal/scan/source/portable/processes"
)

// tables are the ways to see the machine's processes.
func tables(t *testing.T) map[string]Table {
	t.Helper()
	linux, err := Processes()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]Table{"linux": linux, "others": processes.Table{}}
}

func TestFindByArguments(t *testing.T) {
	child := exec.Command("sh", "-c", "read x", "0", "find-me-4711")
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stdin.Close(); _ = child.Wait() }()
	for name, table := range tables(t) {
		found, err := findByName(t.Context(), table, func(s string) bool { return strings.HasSuffix(s, " 0 find-me-4711") })
		if err != nil || !slices.Equal(found, []int{child.Process.Pid}) {
			t.Errorf("%s: found %v, %v; want %d alone", name, found, err, child.Process.Pid)
		}
	}
}

func TestFindLeavesOutWhoAsks(t *testing.T) {
	for name, table := range tables(t) {
		found, err := findByName(t.Context(), table, func(string) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(found, os.Getpid()) {
			t.Errorf("%s: it found itself", name)
		}
		args, err := table.Args(os.Getppid())
		if err != nil {
			t.Fatal(err)
		}
		called, err := table.Name(os.Getppid())
		if err != nil {
			t.Fatal(err)
		}
		found, err = findByName(t.Context(), table, func(s string) bool { return s == strings.Join(args, " ") && s != called })
		if err != nil || slices.Contains(found, os.Getppid()) {
			t.Errorf("%s: its parent was found by its arguments: %v, %v", name, found, err)
		}
		found, err = findByName(t.Context(), table, func(s string) bool { return s == called })
		if err != nil || !slices.Contains(found, os.Getppid()) {
			t.Errorf("%s: its parent was not found by its name: %v, %v", name, found, err)
		}
	}
}

func TestFindStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, table := range tables(t) {
		if found, err := findByName(ctx, table, func(string) bool { return true }); err == nil {
			t.Errorf("%s: found %d processes after it was interrupted", name, len(found))
		}
	}
}
