//go:build linux

package proc

import (
	"slices"

	"github.com/prometheus/procfs"
)

// Cgroup returns the path of the process's cgroup (/proc/PID/cgroup): that of
// the unified hierarchy, and where the process is at its root (as with
// cgroup v1), that of systemd's own or of the first controller that has one.
// It needs no privilege.
func (fs FS) Cgroup(pid int) (string, error) {
	list, err := fs.cgroups(pid)
	if err != nil {
		return "", err
	}
	return mainCgroup(list), nil
}

func (fs FS) cgroups(pid int) ([]procfs.Cgroup, error) {
	proc, err := fs.lib.Proc(pid)
	if err != nil {
		return nil, fs.explain(pid, err)
	}
	list, err := proc.Cgroups()
	if err != nil {
		return nil, fs.explain(pid, err)
	}
	return list, nil
}

// mainCgroup picks the path that says most about what the process belongs to.
func mainCgroup(list []procfs.Cgroup) string {
	best, rank := "", 0
	for _, c := range list {
		r := 2
		switch {
		case c.Path == "/":
			r = 1
		case c.HierarchyID == 0:
			r = 4
		case slices.Contains(c.Controllers, "name=systemd"):
			r = 3
		}
		if r > rank {
			best, rank = c.Path, r
		}
	}
	return best
}

// FindByCgroup returns the processes with a cgroup path, in any hierarchy,
// that match returns true for. Processes that end meanwhile are left out. It
// reads /proc/PID/cgroup of every process and needs no privilege.
func (fs FS) FindByCgroup(match func(path string) bool) ([]int, error) {
	pids, err := fs.PIDs()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(pids, func(pid int) bool {
		list, err := fs.cgroups(pid)
		return err != nil || !slices.ContainsFunc(list, func(c procfs.Cgroup) bool { return match(c.Path) })
	}), nil
}
