package target

import (
	"fmt"
	"strings"

	"github.com/sockleak/sockleak/internal/proc"
)

// byContainer returns the processes of the containers, by the paths of their
// cgroups.
func (r Resolver) byContainer(containers []string) ([]int, error) {
	var pids []int
	for _, container := range containers {
		id := strings.ToLower(container)
		if len(id) < proc.MinContainerID || strings.Trim(id, "0123456789abcdef-") != "" {
			return nil, fmt.Errorf("%w: container %q: give at least %d digits of its id, as docker ps or crictl ps show them",
				ErrBadTarget, container, proc.MinContainerID)
		}
		found, err := r.inCgroup("the container "+container, func(path string) bool { return proc.InContainer(path, id) })
		if err != nil {
			return nil, err
		}
		pids = append(pids, found...)
	}
	return pids, nil
}

// byUnit returns the processes of the units, by the paths of their cgroups.
func (r Resolver) byUnit(units []string) ([]int, error) {
	var pids []int
	for _, unit := range units {
		found, err := r.inCgroup("the unit "+unit, func(path string) bool { return proc.InUnit(path, unit) })
		if err != nil {
			return nil, err
		}
		pids = append(pids, found...)
	}
	return pids, nil
}

// inCgroup returns the processes with a matching cgroup path.
func (r Resolver) inCgroup(what string, match func(path string) bool) ([]int, error) {
	pids, err := r.fs.FindByCgroup(match)
	if err != nil {
		return nil, fmt.Errorf("find processes by cgroup: %w", err)
	}
	if len(pids) == 0 {
		return nil, fmt.Errorf("%w %s; sockleak must see its cgroup: run it on the host, in its pid and cgroup namespace", ErrNoMatch, what)
	}
	return pids, nil
}
