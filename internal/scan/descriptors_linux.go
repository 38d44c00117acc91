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
