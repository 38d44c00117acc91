package doctor

import (
	"context"
	"fmt"
	"os"
	"path"
	"strconv"
	"strings"
)

// enough is how much memory the kernel takes, at the most, to check and to
// keep the program of the bpf source.
const enough = 8 << 20

// moreMemory is how to get out of a cgroup's limit.
const moreMemory = "a higher limit: docker: --memory; Kubernetes: resources.limits.memory; systemd: MemoryMax="

// memory tells how much room the memory cgroups leave us (cgroups(7)). The
// bpf source's program counts against them.
func memory(context.Context, Options) []Check {
	c := Check{Name: "memory", Status: OK, Found: "no limit of a cgroup",
		Gives: "the bpf source; RLIMIT_MEMLOCK does not matter since Linux 5.11"}
	if left, limit, ok := room(setting(procRoot + "/self/cgroup")); ok {
		c.Found = fmt.Sprintf("%d MiB left of a cgroup's limit of %d MiB", left>>20, limit>>20)
		if left < enough {
			c.Status = Limited
			c.Fix = []string{moreMemory}
		}
	}
	return []Check{c}
}

// room returns the least that a cgroup of ours or one above it leaves, from
// the text of /proc/PID/cgroup. ok is false where there is no limit.
func room(cgroups string) (left, limit int64, ok bool) {
	const none = 1 << 62 // cgroup v1 writes a number near 1<<63
	for line := range strings.Lines(cgroups) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) < 3 {
			continue
		}
		root, most, used := "", "memory.max", "memory.current"
		switch parts[1] {
		case "":
			root = "/sys/fs/cgroup"
		case "memory":
			root, most, used = "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"
		default:
			continue
		}
		for dir := path.Clean("/" + parts[2]); ; dir = path.Dir(dir) {
			max, err := number(root + dir + "/" + most)
			now, err2 := number(root + dir + "/" + used)
			if err == nil && err2 == nil && max < none && (!ok || max-now < left) {
				left, limit, ok = max-now, max, true
			}
			if dir == "/" {
				break
			}
		}
	}
	return left, limit, ok
}

// number reads a file with one; "max" is none.
func number(file string) (int64, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64)
}
