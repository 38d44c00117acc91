//go:build linux

package proc

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/testkit"
)

func TestParseFreezerMount(t *testing.T) {
	for line, want := range map[string]string{
		"36 35 0:30 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer\n":           "/sys/fs/cgroup/freezer",
		"36 35 0:30 / /sys/fs/cgroup/a\\040b rw shared:1 - cgroup none rw,pids,freezer": "/sys/fs/cgroup/a b",
		"36 35 0:30 /part /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer\n":       "", // not all of it
		"36 35 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n":                   "",
		"36 35 0:30 / /sys/fs/cgroup rw - cgroup2 freezer rw,freezer\n":                 "",
		"36 35 0:30 / /mnt rw - cgroup":                                                 "",
		"":                                                                              "",
	} {
		if got, ok := parseFreezerMount([]byte(line)); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v; want %q", line, got, ok, want)
		}
	}
}

func TestFrozenStates(t *testing.T) {
	for text, want := range map[string]bool{
		"populated 1\nfrozen 1\n": true, "frozen 1\n": true, "populated 1\nfrozen 0\n": false,
		"populated 1\n": false, "unfrozen 1\n": false, "": false,
	} {
		if got := unifiedFrozen([]byte(text)); got != want {
			t.Errorf("cgroup.events %q: %v", text, got)
		}
	}
	for text, want := range map[string]bool{"FROZEN\n": true, "FREEZING\n": true, "THAWED\n": false, "": false} {
		if got := legacyFrozen([]byte(text)); got != want {
			t.Errorf("freezer.state %q: %v", text, got)
		}
	}
}

// A child is frozen with its own cgroup and with the one above it, in each of
// the hierarchies that this machine has.
func TestFrozen(t *testing.T) {
	testkit.NeedRoot(t, "start processes of another user or in another network namespace")
	fs := live(t)
	mounts, err := fs.freezers()
	if err != nil {
		t.Fatal(err)
	}
	if mounts == (freezers{}) {
		t.Skip("needs a mounted cgroup v2, or the freezer of cgroup v1")
	}
	if mounts.unified != "" {
		t.Run("v2", func(t *testing.T) { freezeChild(t, fs, mounts.unified, "cgroup.freeze", "1", "0") })
	}
	if mounts.legacy != "" {
		t.Run("v1", func(t *testing.T) { freezeChild(t, fs, mounts.legacy, "freezer.state", "FROZEN", "THAWED") })
	}
}

// freezeChild puts a child into a cgroup of a cgroup, and freezes both in turn.
func freezeChild(t *testing.T, fs FS, mount, file, freeze, thaw string) {
	outer := filepath.Join(mount, "sockleak-frozen-"+strconv.Itoa(os.Getpid()))
	inner := filepath.Join(outer, "inner")
	if err := os.MkdirAll(inner, 0o755); err != nil {
		t.Skipf("needs a cgroup hierarchy that can be written: %v", err)
	}
	write := func(dir, name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0); err != nil {
			t.Fatal(err)
		}
	}
	var held pair
	child := testkit.Spawn(t, &held, nil, "hold").PID
	t.Cleanup(func() { // before the child is asked to end
		write(mount, "cgroup.procs", strconv.Itoa(child))
		_, _ = os.Remove(inner), os.Remove(outer)
	})
	is := func(want bool) func() bool {
		return func() bool {
			p, err := fs.Process(child)
			if err != nil {
				t.Fatal(err)
			}
			return p.FrozenKnown && p.Frozen == want && p.Stopped() == want
		}
	}
	write(inner, "cgroup.procs", strconv.Itoa(child))
	testkit.Eventually(t, "not frozen at first", is(false))
	for _, dir := range []string{inner, outer} {
		write(dir, file, freeze)
		testkit.Eventually(t, "frozen by "+dir, is(true))
		write(dir, file, thaw)
		testkit.Eventually(t, "thawed by "+dir, is(false))
	}
}

// The state is that of the kernel: T while a signal has stopped the child.
func TestRunState(t *testing.T) {
	fs := live(t)
	var held pair
	child := testkit.Spawn(t, &held, nil, "hold").PID
	state := func() socket.Process {
		p, err := fs.Process(child)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if p := state(); p.RunState == 0 || p.Stopped() {
		t.Errorf("state %q of a child that waits", p.RunState)
	}
	if err := unix.Kill(child, unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	testkit.Eventually(t, "stopped", func() bool { p := state(); return p.RunState == 'T' && p.Stopped() })
	if err := unix.Kill(child, unix.SIGCONT); err != nil {
		t.Fatal(err)
	}
	testkit.Eventually(t, "running again", func() bool { p := state(); return p.RunState != 'T' && !p.Stopped() })
}
