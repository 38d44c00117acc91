package doctor

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/scan/source/sockdiag"
)

// namespaces tries to enter the network namespaces that processes live in.
func namespaces(context.Context, Options) []Check {
	c := Check{Name: "network namespaces", Status: OK, Gives: "sockets in containers, with ages and peers"}
	proc, err := proc.New(procRoot)
	var pids []int
	if err == nil {
		pids, err = proc.PIDs()
	}
	if err != nil {
		c.Status, c.Found = Missing, err.Error()
		return []Check{c}
	}
	seen := map[uint64]bool{}
	if own, err := proc.NetKey(os.Getpid()); err == nil {
		seen[own] = true
	}
	all, closed := 0, 0
	for _, pid := range pids {
		key, err := proc.NetKey(pid)
		if err != nil || seen[key] {
			continue
		}
		seen[key] = true
		all++
		conn, err := sockdiag.OpenIn(procRoot + "/" + strconv.Itoa(pid) + "/ns/net")
		if err != nil {
			closed++
			continue
		}
		conn.Close()
	}
	c.Found = fmt.Sprintf("%d others on this machine, all can be entered", all)
	if all == 0 {
		c.Found = "no process lives in another one"
	}
	if closed > 0 {
		c.Status = Limited
		c.Found = fmt.Sprintf("%d of %d others cannot be entered: only the text tables are read there, which have no ages", closed, all)
		c.Fix = []string{"run as root, or with CAP_SYS_ADMIN and CAP_SYS_PTRACE; the bpf source needs neither"}
	}
	return []Check{c}
}
