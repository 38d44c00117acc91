//go:build linux

package proc

import "strings"

// MinContainerID is the least number of digits that stand for a container:
// what docker ps and podman ps show.
const MinContainerID = 12

// ContainerID returns the id of the container that a cgroup path belongs to,
// the innermost when containers are nested. It knows the paths of docker,
// containerd, cri-o and podman under cgroup v1 and v2, with systemd or
// cgroupfs as the driver, and of Amazon ECS.
func ContainerID(path string) (id string, ok bool) {
	for element := range strings.SplitSeq(path, "/") {
		if found, isID := elementID(element); isID {
			id, ok = found, true
		}
	}
	return id, ok
}

// InContainer reports whether a cgroup path belongs to the container with the
// id, or to one nested in it. The id may be cut to [MinContainerID] digits or
// more.
func InContainer(path, id string) bool {
	if len(id) < MinContainerID {
		return false
	}
	for element := range strings.SplitSeq(path, "/") {
		if found, isID := elementID(element); isID && strings.HasPrefix(found, id) {
			return true
		}
	}
	return false
}

// elementID returns the container id in one element of a cgroup path: ID,
// RUNTIME-ID.scope, or SLICE:RUNTIME:ID as runc writes it when it takes a
// systemd path for a directory. The scopes of conmon, which watches over a
// container, are not in the container.
func elementID(element string) (id string, ok bool) {
	element = strings.TrimSuffix(element, ".scope")
	if i := strings.LastIndexByte(element, ':'); i >= 0 {
		element = element[i+1:]
	}
	if isECSTask(element) {
		return element, true
	}
	runtime, id := "", element
	if i := strings.LastIndexByte(element, '-'); i >= 0 {
		runtime, id = element[:i], element[i+1:]
	}
	if len(id) != 64 || !isHex(id) || strings.HasSuffix(runtime, "conmon") {
		return "", false
	}
	return id, true
}

// isECSTask reports whether the element names a container of ECS on Fargate:
// the 32 digits of its task, and a decimal number.
func isECSTask(element string) bool {
	task, number, ok := strings.Cut(element, "-")
	return ok && len(task) == 32 && isHex(task) && len(number) >= 8 && strings.Trim(number, "0123456789") == ""
}

func isHex(text string) bool { return strings.Trim(text, "0123456789abcdef") == "" }

// PodUID returns the uid of the Kubernetes pod that a cgroup path belongs to,
// as kubectl get pod -o yaml shows it: podUID, or PREFIX-podUID.slice where
// systemd is the driver, which has underscores for the dashes.
func PodUID(path string) (uid string, ok bool) {
	if !strings.Contains(path, "kubepods") {
		return "", false
	}
	for element := range strings.SplitSeq(path, "/") {
		element, _, _ = strings.Cut(element, ".slice")
		_, found, isPod := strings.Cut("-"+element, "-pod")
		found = strings.ReplaceAll(found, "_", "-")
		if isPod && found != "" && isHex(strings.ReplaceAll(found, "-", "")) {
			uid, ok = found, true
		}
	}
	return uid, ok
}

// Unit returns the systemd service or scope that a cgroup path belongs to,
// such as nginx.service, the innermost when a user's manager runs units of
// its own.
func Unit(path string) (unit string, ok bool) {
	for element := range strings.SplitSeq(path, "/") {
		if strings.HasSuffix(element, ".service") || strings.HasSuffix(element, ".scope") {
			unit, ok = unescapeUnit(element), true
		}
	}
	return unit, ok
}

// InUnit reports whether a cgroup path lies in the systemd unit. A name
// without a type, such as nginx, means the service, as with systemctl(1).
func InUnit(path, name string) bool {
	if !strings.Contains(name, ".") {
		name += ".service"
	}
	for element := range strings.SplitSeq(path, "/") {
		if element != "" && unescapeUnit(element) == name {
			return true
		}
	}
	return false
}

// unescapeUnit undoes cg_escape of systemd, which puts an underscore before a
// name that the kernel might take for one of its files.
func unescapeUnit(element string) string { return strings.TrimPrefix(element, "_") }
