//go:build linux

package netns

import (
	"fmt"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/socket"
)

// Namespace is a network namespace and a process that lives in it.
type Namespace struct {
	ID  uint64 // inode of /proc/PID/ns/net; 0 when it may not be known
	PID int
}

// Of returns the network namespaces that the processes live in, in the order in
// which they are first met.
func Of(processes []socket.Process) []Namespace {
	var list []Namespace
	seen := map[uint64]bool{}
	for i := range processes {
		p := &processes[i]
		if !seen[p.NetNS] {
			seen[p.NetNS] = true
			list = append(list, Namespace{p.NetNS, p.ID.PID})
		}
	}
	return list
}

// maxOthers bounds how many network namespaces are searched for a socket: a
// host has a few hundred containers at most, and many of them share one.
const maxOthers = 256

// Others returns the network namespaces of the machine's processes but for the
// caller's own and those in known, and how many more there were than are worth
// a search. It costs one stat(2) for each process on the machine and needs no
// privilege.
func Others(fs proc.FS, known []Namespace) (list []Namespace, more int, err error) {
	pids, err := fs.PIDs()
	if err != nil {
		return nil, 0, err
	}
	seen := map[uint64]bool{}
	for _, ns := range append(known, Namespace{PID: fs.Self()}) {
		if key, err := fs.NetKey(ns.PID); err == nil {
			seen[key] = true
		}
	}
	for _, pid := range pids {
		key, err := fs.NetKey(pid)
		if err != nil || seen[key] {
			continue // gone, or known
		}
		seen[key] = true
		if len(list) == maxOthers {
			more++
			continue
		}
		id, _ := fs.NetNS(pid)
		list = append(list, Namespace{id, pid})
	}
	return list, more, nil
}

// Do is the package's Do for the namespace. It fails when the process has left
// it, or the pid belongs to another process by now.
func (ns Namespace) Do(fs proc.FS, do func(id uint64) error) error {
	path, err := fs.NetNSPath(ns.PID)
	if err != nil {
		return err
	}
	return Do(path, func(id uint64) error {
		if ns.ID != 0 && id != ns.ID {
			return fmt.Errorf("pid %d left the namespace", ns.PID)
		}
		return do(id)
	})
}
