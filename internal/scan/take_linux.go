package scan

import (
	"errors"
	"io/fs"

	"github.com/sockleak/sockleak/internal/socket"
)

// take merges one row of a table: into the socket that a process of the draft
// holds, or, when no descriptor refers to it yet, as a candidate for the
// accept queue of a listener.
func (d *Draft) take(s *socket.Socket) {
	if s.Inode != 0 {
		d.Fill(s)
		return
	}
	// The handshake is done and accept() was not called: no inode, in a state
	// that only a connection with a program behind it can have. Whose it is
	// is known when the listeners are (queued).
	if s.State == socket.Established || s.State == socket.CloseWait {
		d.queued = append(d.queued, *s)
	}
}

// assignQueued gives the sockets that wait in accept queues to the listeners
// with the same local port, and forgets those of other programs.
func (d *Draft) assignQueued() {
	if len(d.queued) == 0 {
		return
	}
	type place struct {
		netns uint64
		port  uint16
	}
	listeners := map[place]*socket.Socket{}
	for _, s := range d.snap.Sockets {
		if s.State == socket.Listen && s.IsTCP() {
			listeners[place{s.NetNS, s.Local.Port()}] = s
		}
	}
	for i := range d.queued {
		s := &d.queued[i]
		if s.Listener != 0 { // the source knows
			d.Unheld(s)
			continue
		}
		if l := listeners[place{s.NetNS, s.Local.Port()}]; l != nil {
			s.Listener = l.Inode
			d.Unheld(s)
		}
	}
	d.queued = nil
}

// isGone reports whether the error means that a process or file has vanished.
func isGone(err error) bool { return errors.Is(err, fs.ErrNotExist) }
