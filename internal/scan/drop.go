package scan

import (
	"slices"
	"strconv"

	"github.com/sockleak/sockleak/internal/socket"
)

// drop removes the processes, their descriptors, and the sockets that nobody
// else holds.
func (d *Draft) drop(pids map[int]bool) {
	isGone := func(h socket.Holder) bool { return pids[h.Process.PID] }
	d.snap.Sockets = slices.DeleteFunc(d.snap.Sockets, func(s *socket.Socket) bool {
		held := len(s.Holders) > 0
		s.Holders = slices.DeleteFunc(s.Holders, isGone)
		return held && len(s.Holders) == 0
	})
	d.snap.Processes = slices.DeleteFunc(d.snap.Processes, func(p socket.Process) bool { return pids[p.ID.PID] })
}

// closed notes that a descriptor was closed during the look.
func (d *Draft) closed(h socket.Holder) {
	for i := range d.snap.Processes {
		if p := &d.snap.Processes[i]; p.ID == h.Process && p.SocketFDs > 0 {
			p.SocketFDs--
		}
	}
}

// forget removes the sockets from the draft.
func (d *Draft) forget(gone []*socket.Socket) {
	if len(gone) == 0 {
		return
	}
	set := make(map[*socket.Socket]bool, len(gone))
	for _, s := range gone {
		set[s] = true
		delete(d.byInode, s.Inode)
	}
	d.snap.Sockets = slices.DeleteFunc(d.snap.Sockets, func(s *socket.Socket) bool { return set[s] })
}

func itoa(n int) string { return strconv.Itoa(n) }
