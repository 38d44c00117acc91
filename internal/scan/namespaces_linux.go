package scan

import (
	"errors"
	"fmt"

	"github.com/sockleak/sockleak/internal/scan/procfs"
	"github.com/sockleak/sockleak/internal/scan/sockdiag"
)

// namespace is a network namespace and a process that lives in it.
type namespace struct {
	id  uint64 // 0 when it may not be known
	pid int
}

// namespaces returns the network namespaces that the draft's processes live
// in, in the order in which they are first met.
func namespaces(d *Draft) []namespace {
	var list []namespace
	seen := map[uint64]bool{}
	for i := range d.snap.Processes {
		p := &d.snap.Processes[i]
		if !seen[p.NetNS] {
			seen[p.NetNS] = true
			list = append(list, namespace{p.NetNS, p.ID.PID})
		}
	}
	return list
}

// maxNamespaces bounds how many network namespaces are searched for a socket:
// a host has a few hundred containers at most, and many of them share one.
const maxNamespaces = 256

// otherNamespaces returns the network namespaces of the machine's processes
// but for the scanner's own and those in known, and how many more there were
// than maxNamespaces. It costs one stat(2) for each process on the machine.
func (sys *system) otherNamespaces(known []namespace) (list []namespace, more int, err error) {
	pids, err := sys.proc.PIDs()
	if err != nil {
		return nil, 0, err
	}
	seen := map[uint64]bool{}
	for _, ns := range append(known, namespace{pid: sys.proc.Self()}) {
		if key, err := sys.proc.NetKey(ns.pid); err == nil {
			seen[key] = true
		}
	}
	for _, pid := range pids {
		key, err := sys.proc.NetKey(pid)
		if err != nil || seen[key] {
			continue // gone, or known
		}
		seen[key] = true
		if len(list) == maxNamespaces {
			more++
			continue
		}
		id, _ := sys.proc.NetNS(pid)
		list = append(list, namespace{id, pid})
	}
	return list, more, nil
}

// enter returns a connection in the namespace, which the caller closes. It
// needs CAP_SYS_ADMIN.
func (ns namespace) enter(proc procfs.FS) (*sockdiag.Conn, error) {
	path, err := proc.NetNSPath(ns.pid)
	if err != nil {
		return nil, err
	}
	c, err := sockdiag.OpenIn(path)
	if err != nil {
		return nil, err
	}
	if c.NetNS() != ns.id { // the pid belongs to another process by now
		return nil, errors.Join(fmt.Errorf("pid %d left the namespace", ns.pid), c.Close())
	}
	return c, nil
}
