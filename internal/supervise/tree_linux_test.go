package supervise_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/supervise"
	"github.com/sockleak/sockleak/internal/testkit"
)

func TestExit(t *testing.T) {
	for _, tc := range []struct {
		name, script string
		want         supervise.Exit
		status       int
	}{
		{"at once", "exit 0", supervise.Exit{}, 0},
		{"own code", "exit 42", supervise.Exit{Code: 42}, 42},
		{"killed", "kill -KILL $$", supervise.Exit{Signal: syscall.SIGKILL}, 137},
		{"terminated", "kill -TERM $$", supervise.Exit{Signal: syscall.SIGTERM}, 143},
		{"closes its output", "exec >&- 2>&-; exit 3", supervise.Exit{Code: 3}, 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := start(t, nil, "sh", "-c", tc.script).Exit()
			if got != tc.want || got.Status() != tc.status {
				t.Errorf("exit is %+v, status %d; want %+v, %d", got, got.Status(), tc.want, tc.status)
			}
		})
	}
}

func TestOutputIsTheCommandsOwn(t *testing.T) {
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	const size = 32 << 20
	if got := start(t, out, "head", "-c", "33554432", "/dev/zero").Exit(); got.Status() != 0 {
		t.Fatalf("head %v", got)
	}
	if st, err := out.Stat(); err != nil || st.Size() != size {
		t.Errorf("%d bytes arrived, want %d (%v)", st.Size(), size, err)
	}
}

// names returns the names of the tree's processes.
func names(t *testing.T, tree *supervise.Tree) map[string]socket.ProcessID {
	t.Helper()
	proc, err := proc.New("/proc")
	if err != nil {
		t.Fatal(err)
	}
	list, err := tree.Processes()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]socket.ProcessID{}
	for _, id := range list {
		if stat, err := proc.Stat(id.PID); err == nil && stat.Start == id.Start {
			found[stat.Comm] = id
		}
	}
	return found
}

func TestDescendants(t *testing.T) {
	for name, script := range map[string]string{
		"child":                   "sleep 301 & wait",
		"orphan":                  "sleep 301 & exit 0",
		"daemon":                  "(setsid sh -c 'sleep 301 & exit 0' &) ; exit 0",
		"daemon of a daemon":      "(setsid sh -c '(setsid sh -c \"sleep 301 & exit 0\" &)' &); exit 0",
		"exec after setsid":       "exec setsid -f sleep 301",
		"child of a stopped one":  "sleep 301 & kill -STOP $$",
		"child that ignores TERM": "trap '' TERM; sleep 301 & wait",
	} {
		t.Run(name, func(t *testing.T) {
			tree := start(t, nil, "sh", "-c", script)
			testkit.Eventually(t, "sleep is seen", func() bool { return names(t, tree)["sleep"].PID != 0 })
			sleep := names(t, tree)["sleep"]
			if err := tree.End(50 * time.Millisecond); err != nil {
				t.Fatal(err)
			}
			if alive(t, sleep) {
				t.Errorf("pid %d is alive after End", sleep.PID)
			}
			if list, err := tree.Processes(); err != nil || len(list) > 0 {
				t.Errorf("left after End: %v, %v", list, err)
			}
		})
	}
}

func alive(t *testing.T, id socket.ProcessID) bool {
	t.Helper()
	proc, err := proc.New("/proc")
	if err != nil {
		t.Fatal(err)
	}
	stat, err := proc.Stat(id.PID)
	return err == nil && stat.Start == id.Start && !stat.Ended()
}

// TestOrphansAreReaped: an adopted process that ends must not stay a zombie
// for as long as the tests run.
func TestOrphansAreReaped(t *testing.T) {
	tree := start(t, nil, "sh", "-c", "(sh -c 'exit 0' & sh -c 'exit 1' &); sleep 301")
	self := os.Getpid()
	proc, err := proc.New("/proc")
	if err != nil {
		t.Fatal(err)
	}
	testkit.Eventually(t, "no zombie is left", func() bool {
		pids, err := proc.PIDs()
		if err != nil {
			t.Fatal(err)
		}
		for _, pid := range pids {
			if stat, err := proc.Stat(pid); err == nil && stat.Parent == self && stat.Zombie() {
				return false
			}
		}
		return names(t, tree)["sleep"].PID != 0
	})
}

// TestEndSparesOthers: a child from before is neither killed nor reaped, and
// neither is the tree of another command.
func TestEndSparesOthers(t *testing.T) {
	bystander := exec.Command("sleep", "301")
	if err := bystander.Start(); err != nil {
		t.Fatal(err)
	}
	sup, err := supervise.New()
	if err != nil {
		t.Fatal(err)
	}
	defer sup.Close()
	var trees [2]*supervise.Tree
	for i := range trees {
		if trees[i], err = sup.Start(supervise.Command{Args: []string{"sh", "-c", "sleep 301 & wait"}}); err != nil {
			t.Fatal(err)
		}
		testkit.Eventually(t, "sleep is seen", func() bool { return names(t, trees[i])["sleep"].PID != 0 })
	}
	if err := trees[0].End(0); err != nil {
		t.Fatal(err)
	}
	if list, err := trees[1].Processes(); err != nil || len(list) != 2 {
		t.Errorf("the other command has %v left (%v), want 2 processes", list, err)
	}
	if err := trees[1].End(0); err != nil {
		t.Fatal(err)
	}
	if err := bystander.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the bystander is gone: %v", err)
	}
	bystander.Process.Kill()
	if err := bystander.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("the bystander's own parent learned %v", err)
	}
}

// TestEndGivesGrace: a process that takes SIGTERM as the time to tidy up gets
// that time.
func TestEndGivesGrace(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "tidy")
	tree := start(t, nil, "sh", "-c", "trap 'sleep 0.1; echo done > "+mark+"; exit 5' TERM; sleep 301 & wait")
	testkit.Eventually(t, "sleep is seen", func() bool { return names(t, tree)["sleep"].PID != 0 })
	if err := tree.End(20 * time.Second); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(mark); err != nil || !bytes.Equal(text, []byte("done\n")) {
		t.Errorf("the command could not tidy up: %q, %v", text, err)
	}
	if got := tree.Exit(); got.Code != 5 {
		t.Errorf("exit is %v, want code 5", got)
	}
}
