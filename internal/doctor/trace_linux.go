package doctor

import (
	"context"
	"fmt"

	"github.com/sockleak/sockleak/internal/opener/attach"
)

// attaching is how much memory it may take to attach: the types of the kernel
// are read whole.
const attaching = 48 << 20

// traces tries whether processes can be traced, where a memory cgroup leaves
// room for that: the kernel would end us otherwise.
func traces(context.Context, Options) []Check {
	c := Check{Name: "trace", Status: OK, Found: "programs can be attached", Gives: "the line of code that opens a socket of a running process (sockleak trace)"}
	if left, _, ok := room(setting(procRoot + "/self/cgroup")); ok && left < attaching {
		c.Status, c.Found = Limited, fmt.Sprintf("not tried: a cgroup leaves %d MiB, and attaching may take %d", left>>20, attaching>>20)
		c.Fix = []string{moreMemory}
		return []Check{c}
	}
	tracer, err := attach.New(procRoot)
	if err != nil {
		c.Status, c.Found = Missing, err.Error()
		c.Fix = []string{"of a command, without any privilege: sockleak check --trace -- COMMAND"}
		return []Check{c}
	}
	if err := tracer.Close(); err != nil {
		c.Status, c.Found = Limited, err.Error()
	}
	return []Check{c}
}
