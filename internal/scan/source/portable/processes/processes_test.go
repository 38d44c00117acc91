package processes

import (
	"os"
	"slices"
	"testing"
)

func TestDescribe(t *testing.T) {
	p, err := Describe(t.Context(), os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if p.ID.PID != os.Getpid() || p.ID.Start == 0 || p.Parent != os.Getppid() || p.Name == "" || p.Threads == 0 {
		t.Errorf("%+v", p)
	}
	if _, err := Describe(t.Context(), 1<<30); err == nil {
		t.Error("a process that does not exist was described")
	}
}

func TestTable(t *testing.T) {
	var table Table
	if pids, err := table.PIDs(); err != nil || !slices.Contains(pids, os.Getpid()) {
		t.Errorf("pids %v, %v", pids, err)
	}
	if name, err := table.Name(os.Getpid()); err != nil || name == "" {
		t.Errorf("name %q, %v", name, err)
	}
	if args, err := table.Args(os.Getpid()); err != nil || !slices.Equal(args, os.Args) {
		t.Errorf("arguments %q, %v; want %q", args, err, os.Args)
	}
	if parent, err := table.Parent(os.Getpid()); err != nil || parent != os.Getppid() {
		t.Errorf("parent %d, %v; want %d", parent, err, os.Getppid())
	}
	if name, err := table.Name(1 << 30); err == nil {
		t.Errorf("a process that does not exist is called %q", name)
	}
}
