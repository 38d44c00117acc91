//go:build linux

package sockdiag

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// ownCgroup is the cgroup v2 id of this process. It mounts the hierarchy for
// the test's thread alone, for not every machine shows it at a known place.
func ownCgroup(t *testing.T) uint64 {
	t.Helper()
	check(t, "make a mount namespace", unix.Unshare(unix.CLONE_NEWNS))
	check(t, "make mounts private", unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	dir := t.TempDir()
	check(t, "mount cgroup2", unix.Mount("none", dir, "cgroup2", 0, ""))
	defer unix.Unmount(dir, 0)
	text, err := os.ReadFile("/proc/thread-self/cgroup")
	check(t, "read cgroup", err)
	for line := range strings.Lines(string(text)) {
		if path, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
			info, err := os.Stat(filepath.Join(dir, path))
			check(t, "stat cgroup", err)
			return inode(info)
		}
	}
	t.Fatal("no cgroup v2 in /proc/thread-self/cgroup")
	return 0
}

func TestCgroupFilter(t *testing.T) {
	c := privateNet(t)
	id := ownCgroup(t)
	l := listenTCP(t, 0, 1)
	defer unix.Close(l)
	port := local(t, l).Port()
	for _, f := range []Filter{{CgroupID: id}, {CgroupID: id, LocalPorts: []uint16{port, 1, 7}}} {
		one(t, filtered(c, f), inodeOf(t, l))
	}
	for _, f := range []Filter{{CgroupID: id + 1<<32}, {CgroupID: id, LocalPorts: []uint16{port ^ 1}}} {
		for _, s := range collect(t, filtered(c, f)) {
			t.Errorf("%+v let %v through", f, s.Local)
		}
	}
}
