//go:build linux

package proc

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// CgroupID returns the id of the process's cgroup in the unified hierarchy,
// the one that its new sockets belong to: the inode of the cgroup's directory.
// It needs no privilege. The error is errors.ErrUnsupported when the process is
// in the root cgroup, the hierarchy is not mounted, or the process is outside
// of the part of it that the scanner's cgroup namespace shows.
func (fs FS) CgroupID(pid int) (uint64, error) {
	data, err := readFile(fs.path(pid, "cgroup"))
	if err != nil {
		return 0, fs.explain(pid, err)
	}
	path := unifiedPath(data)
	if path == "" || path == "/" || strings.HasPrefix(path, "/..") {
		return 0, fmt.Errorf("pid %d: not in a cgroup v2 of its own: %w", pid, errors.ErrUnsupported)
	}
	mount, err := fs.cgroupMount()
	if err != nil {
		return 0, err
	}
	var super unix.Statfs_t
	var st unix.Stat_t
	if err := unix.Statfs(mount+path, &super); err != nil {
		return 0, &os.PathError{Op: "statfs", Path: mount + path, Err: err}
	}
	if super.Type != unix.CGROUP2_SUPER_MAGIC {
		return 0, fmt.Errorf("%s is not a cgroup v2: %w", mount+path, errors.ErrUnsupported)
	}
	if err := unix.Stat(mount+path, &st); err != nil {
		return 0, &os.PathError{Op: "stat", Path: mount + path, Err: err}
	}
	return st.Ino, nil
}

// unifiedPath returns the path in the line of the unified hierarchy, "0::PATH".
func unifiedPath(cgroup []byte) string {
	for line := range bytes.Lines(cgroup) {
		if path, ok := bytes.CutPrefix(bytes.TrimSuffix(line, []byte("\n")), []byte("0::")); ok {
			return strings.TrimSuffix(string(path), deleted)
		}
	}
	return ""
}

// cgroupMount returns where the root of the unified hierarchy is mounted.
func (fs FS) cgroupMount() (mount string, err error) {
	path := fs.root + "/self/mountinfo"
	data, err := readFile(path)
	if err != nil {
		return "", err
	}
	for line := range bytes.Lines(data) {
		if mount, ok := parseCgroupMount(line); ok {
			return mount, nil
		}
	}
	return "", fmt.Errorf("cgroup v2 is not mounted: %w", errors.ErrUnsupported)
}

// parseCgroupMount takes the mount point from a line of mountinfo
// (proc_pid_mountinfo(5)) that is about all of the unified hierarchy: "36 35
// 0:30 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw", where any number of
// optional fields stand before the hyphen.
func parseCgroupMount(line []byte) (mount string, ok bool) {
	before, after, _ := bytes.Cut(line, []byte(" - "))
	if kind, _ := nextField(after); string(kind) != "cgroup2" {
		return "", false
	}
	var fields [5][]byte
	if !splitFields(before, fields[:]) || string(fields[3]) != "/" {
		return "", false
	}
	return unescapeOctal(string(fields[4])), true
}

// unescapeOctal turns \040 and the like, with which the kernel writes blanks
// in paths, back into bytes.
func unescapeOctal(path string) string {
	if !strings.Contains(path, `\`) {
		return path
	}
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		if path[i] == '\\' && i+4 <= len(path) {
			if c, err := strconv.ParseUint(path[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(c))
				i += 3
				continue
			}
		}
		b.WriteByte(path[i])
	}
	return b.String()
}
