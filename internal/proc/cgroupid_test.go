//go:build linux

package proc

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/testkit"
)

func TestParseCgroupMount(t *testing.T) {
	for line, want := range map[string]string{
		"36 35 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw\n": "/sys/fs/cgroup",
		"36 35 0:30 / /mnt/a\\040b rw - cgroup2 none rw\n":                      "/mnt/a b",
		"36 35 0:30 /part /sys/fs/cgroup rw - cgroup2 none rw\n":                "", // not all of it
		"36 35 0:30 / /sys/fs/cgroup/cpu rw - cgroup none rw,cpu\n":             "",
		"36 35 0:30 / - cgroup2 none rw\n":                                      "",
		"":                                                                      "",
	} {
		if got, ok := parseCgroupMount([]byte(line)); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v; want %q", line, got, ok, want)
		}
	}
}

func TestUnifiedPath(t *testing.T) {
	for text, want := range map[string]string{
		"9:name=systemd:/x\n0::/a.slice/b.service\n": "/a.slice/b.service",
		"0::/gone (deleted)\n":                       "/gone",
		"4:memory:/x\n":                              "",
		"0::/":                                       "/",
	} {
		if got := unifiedPath([]byte(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestCgroupID: what CgroupID says of a child in a cgroup of its own is the
// inode of that directory.
func TestCgroupID(t *testing.T) {
	testkit.NeedRoot(t, "start processes of another user or in another network namespace")
	fs := live(t)
	mount, err := fs.cgroupMount()
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("needs a mounted cgroup v2")
	}
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(mount, "sockleak-test-"+strconv.Itoa(os.Getpid()))
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(dir)
	var held pair
	child := testkit.Spawn(t, &held, nil, "hold").PID
	if err := os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte(strconv.Itoa(child)), 0); err != nil {
		t.Fatal(err)
	}
	var st unix.Stat_t
	if err := unix.Stat(dir, &st); err != nil {
		t.Fatal(err)
	}
	if got, err := fs.CgroupID(child); err != nil || got != st.Ino {
		t.Errorf("%d, %v; want %d", got, err, st.Ino)
	}
	if err := os.WriteFile(filepath.Join(mount, "cgroup.procs"), []byte(strconv.Itoa(child)), 0); err != nil {
		t.Fatal(err)
	}
	if got, err := fs.CgroupID(child); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("in the root cgroup: %d, %v", got, err)
	}
}
