package scan

import (
	"fmt"
	"strings"

	"github.com/sockleak/sockleak/internal/scan/procfs"
)

// byCgroup returns the processes of the container and of the unit that the
// target names, by the paths of their cgroups.
func (sys *system) byCgroup(t Target) ([]int, error) {
	var pids []int
	if t.Container != "" {
		id := strings.ToLower(t.Container)
		if len(id) < procfs.MinContainerID || strings.Trim(id, "0123456789abcdef-") != "" {
			return nil, fmt.Errorf("%w: container %q: give at least %d digits of its id, as docker ps or crictl ps show them",
				ErrBadTarget, t.Container, procfs.MinContainerID)
		}
		found, err := sys.inCgroup("the container "+t.Container, func(path string) bool { return procfs.InContainer(path, id) })
		if err != nil {
			return nil, err
		}
		pids = found
	}
	if t.Unit != "" {
		found, err := sys.inCgroup("the unit "+t.Unit, func(path string) bool { return procfs.InUnit(path, t.Unit) })
		if err != nil {
			return nil, err
		}
		pids = append(pids, found...)
	}
	return pids, nil
}

// inCgroup returns the processes with a matching cgroup path.
func (sys *system) inCgroup(what string, match func(path string) bool) ([]int, error) {
	pids, err := sys.proc.FindByCgroup(match)
	if err != nil {
		return nil, fmt.Errorf("find processes by cgroup: %w", err)
	}
	if len(pids) == 0 {
		return nil, fmt.Errorf("%w %s; sockleak must see its cgroup: run it on the host, in its pid and cgroup namespace", ErrNoMatch, what)
	}
	return pids, nil
}
