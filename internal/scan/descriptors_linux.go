package scan

import (
	"github.com/sockleak/sockleak/internal/scan/procfs"
	"github.com/sockleak/sockleak/internal/socket"
)

// holdAll reads the descriptor tables of all processes of the draft.
func holdAll(proc procfs.FS, d *Draft) {
	for i := range d.snap.Processes {
		p := &d.snap.Processes[i]
		n := 0
		total, err := proc.SocketFDs(p.ID.PID, func(fd int32, inode uint64) {
			n++
			d.Hold(inode, socket.Holder{Process: p.ID, FD: fd})
		})
		if err != nil {
			d.unreadable(p, "descriptors", err)
			continue
		}
		p.SocketFDs = n
		if p.FDs < 0 {
			p.FDs = total
		}
	}
}

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
