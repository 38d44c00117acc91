package scan

import (
	"slices"

	"github.com/sockleak/sockleak/internal/socket"
)

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
