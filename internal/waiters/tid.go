//go:build linux

package waiters

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// tids turns the ids of a process's threads into those that the process itself
// knows them by, which differ in a pid namespace such as a container's.
type tids struct {
	dir    string // /proc/PID
	nested bool
}

func newTIDs(root string, pid int) tids {
	t := tids{dir: fmt.Sprintf("%s/%d", root, pid)}
	t.nested = len(t.ids("")) > 1
	return t
}

// own returns the id of a thread in its own pid namespace.
func (t tids) own(tid int) int {
	if !t.nested {
		return tid
	}
	ids := t.ids("/task/" + strconv.Itoa(tid))
	if len(ids) == 0 {
		return 0
	}
	id, _ := strconv.Atoi(ids[len(ids)-1])
	return id
}

// ids are those in the pid namespaces from ours on inwards (NSpid of
// proc_pid_status(5)).
func (t tids) ids(thread string) []string {
	text, _ := os.ReadFile(t.dir + thread + "/status")
	_, rest, _ := strings.Cut(string(text), "\nNSpid:")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.Fields(line)
}
