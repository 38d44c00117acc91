//go:build linux

package proc

import (
	"os"
	"testing"
	"time"

	"github.com/prometheus/procfs"
)

// TestBootTime compares what the clocks say with the btime line of /proc/stat.
// Both are whole seconds of something that the clock's corrections move.
func TestBootTime(t *testing.T) {
	lib, err := procfs.NewFS("/proc")
	if err != nil {
		t.Fatal(err)
	}
	clocks, err := bootTime(lib, true)
	if err != nil {
		t.Fatal(err)
	}
	file, err := bootTime(lib, false)
	if err != nil {
		t.Fatal(err)
	}
	if d := clocks.Sub(file); d < -time.Second || d > time.Second {
		t.Errorf("booted at %v by the clocks, at %v by /proc/stat", clocks, file)
	}
	if clocks.Nanosecond() != 0 {
		t.Errorf("%v is not whole seconds", clocks)
	}
}

func TestOwner(t *testing.T) {
	fs := live(t)
	if uid, err := fs.Owner(os.Getpid()); err != nil || int(uid) != os.Geteuid() {
		t.Errorf("owner %d (%v), want %d", uid, err, os.Geteuid())
	}
	if _, err := fs.Owner(1 << 22); err == nil { // above PID_MAX_LIMIT (include/linux/threads.h)
		t.Error("a process that cannot be has an owner")
	}
}
