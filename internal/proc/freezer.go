//go:build linux

package proc

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/prometheus/procfs"
)

// freezers are where the cgroup hierarchies that can freeze processes are
// mounted; "" where one is not.
type freezers struct {
	unified string // cgroup v2
	legacy  string // the freezer controller of cgroup v1
}

// readFreezers finds the mounts in /proc/self/mountinfo.
func readFreezers(root string) (found freezers, err error) {
	data, err := readFile(root + "/self/mountinfo")
	if err != nil {
		return found, err
	}
	for line := range bytes.Lines(data) {
		if mount, ok := parseCgroupMount(line); ok && found.unified == "" {
			found.unified = mount
		}
		if mount, ok := parseFreezerMount(line); ok && found.legacy == "" {
			found.legacy = mount
		}
	}
	return found, nil
}

// parseFreezerMount is parseCgroupMount for the freezer controller of cgroup v1,
// which the last field of its line names: "... - cgroup cgroup rw,freezer".
func parseFreezerMount(line []byte) (mount string, ok bool) {
	before, after, _ := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(" - "))
	var kind [3][]byte // file system, source, options
	if !splitFields(after, kind[:]) || string(kind[0]) != "cgroup" ||
		!slices.Contains(strings.Split(string(kind[2]), ","), "freezer") {
		return "", false
	}
	var fields [5][]byte
	if !splitFields(before, fields[:]) || string(fields[3]) != "/" {
		return "", false
	}
	return unescapeOctal(string(fields[4])), true
}

// frozen reports whether the cgroups of a process are frozen, they or one above
// them (the kernel's cgroup-v2.rst, cgroup.freeze, and freezer-subsystem.rst).
// It is known unless one of them is outside of what is mounted here.
func (fs FS) frozen(list []procfs.Cgroup) (frozen, known bool) {
	mounts, err := fs.freezers()
	if err != nil || fs.device == 0 { // a recorded tree has no cgroups
		return false, false
	}
	known = true
	for _, c := range list {
		state, ok := false, true
		switch {
		case c.HierarchyID == 0:
			state, ok = readFrozen(mounts.unified, c.Path, "cgroup.events", unifiedFrozen)
		case slices.Contains(c.Controllers, "freezer"):
			state, ok = readFrozen(mounts.legacy, c.Path, "freezer.state", legacyFrozen)
		}
		frozen, known = frozen || state, known && ok
	}
	return frozen, known || frozen
}

// readFrozen reads one file of a cgroup. The root of a hierarchy does not have
// it, for it cannot be frozen; that of a cgroup namespace has.
func readFrozen(mount, path, name string, parse func([]byte) bool) (frozen, known bool) {
	if mount == "" || strings.HasPrefix(path, "/..") {
		return false, false
	}
	var buf [256]byte
	dir := mount + strings.TrimSuffix(path, deleted)
	data, err := readPath(dir+"/"+name, buf[:])
	if err != nil {
		return false, path == "/" && errors.Is(err, os.ErrNotExist)
	}
	return parse(data), true
}

// unifiedFrozen finds the line "frozen 1" of cgroup.events, which kernels before
// 5.2 do not have, as they cannot freeze either.
func unifiedFrozen(events []byte) bool {
	return bytes.Contains(append([]byte("\n"), events...), []byte("\nfrozen 1\n"))
}

// legacyFrozen takes a cgroup that is just being frozen for a frozen one.
func legacyFrozen(state []byte) bool {
	return bytes.HasPrefix(state, []byte("FROZEN")) || bytes.HasPrefix(state, []byte("FREEZING"))
}
