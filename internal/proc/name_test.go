//go:build linux

package proc

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sockleak/sockleak/internal/testkit"
)

// The kernel keeps 15 bytes of a name; the rest is in the command line, if the
// program was called by its name.
func TestName(t *testing.T) {
	fs := live(t)
	for _, tc := range []struct{ file, called, want string }{
		{"short", "/somewhere/other", "short"},
		{"exactly-fifteen", "exactly-fifteen", "exactly-fifteen"},
		{"longer-than-the-kernel-keeps", "/bin/longer-than-the-kernel-keeps", "longer-than-the-kernel-keeps"},
		{"longer-than-the-kernel-keeps", "something else", "longer-than-the"},
		{"odd) 1 name\n", "x", "odd) 1 name\n"},
	} {
		path := filepath.Join(t.TempDir(), tc.file)
		if err := os.Symlink("/proc/self/exe", path); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(path)
		cmd.Args = []string{tc.called, "argument"}
		var answer any
		pid := testkit.Start(t, &answer, cmd, "hold").PID
		if name, err := fs.Name(pid); err != nil || name != tc.want {
			t.Errorf("%q called %q: name %q, %v; want %q", tc.file, tc.called, name, err, tc.want)
		}
		if args, err := fs.Args(pid); err != nil || !slices.Equal(args, cmd.Args) {
			t.Errorf("arguments %q, %v; want %q", args, err, cmd.Args)
		}
		if parent, err := fs.Parent(pid); err != nil || parent != os.Getpid() {
			t.Errorf("parent %d, %v; want %d", parent, err, os.Getpid())
		}
	}
}

// A process chooses its command line, and may choose a very long one.
func TestLongCommandLine(t *testing.T) {
	fs := live(t)
	long := strings.Repeat("\x01", 64<<10)
	cmd := exec.Command("/proc/self/exe", long, long, long, long, long)
	var answer any
	pid := testkit.Start(t, &answer, cmd, "hold").PID
	p, err := fs.Process(pid)
	if err != nil {
		t.Fatal(err)
	}
	if kept := strings.Join(p.Args, " "); len(kept) > maxArgs+len("…") || !strings.HasSuffix(kept, "…") {
		t.Errorf("%d bytes are kept, ending in %q", len(kept), kept[max(0, len(kept)-4):])
	}
	args, err := fs.Args(pid)
	if searched := strings.Join(args, " "); err != nil || len(searched) > maxPattern+len("…") || len(searched) < maxPattern {
		t.Errorf("%d bytes are searched for a name, %v", len(searched), err)
	}
}

func TestNameOfNobody(t *testing.T) {
	fs := live(t)
	_, byName := fs.Name(1 << 30)
	_, byArgs := fs.Args(1 << 30)
	_, byParent := fs.Parent(1 << 30)
	for _, err := range []error{byName, byArgs, byParent} {
		if !errors.Is(err, ErrGone) {
			t.Errorf("error %v, want one that says that the process is gone", err)
		}
	}
}
