package scan

import (
	"errors"
	"io/fs"

	"github.com/sockleak/sockleak/internal/socket"
)

// taker returns a function that merges rows of the tables of one namespace:
// into the sockets that processes of the draft hold, or, where no descriptor
// refers to a connection yet, as candidates for the accept queue of one of
// their listeners. The kernel gives listeners before connections, so that what
// waits for the listeners of others need not be kept.
func (d *Draft) taker() func(*socket.Socket) {
	ports := map[uint16]bool{}
	return func(s *socket.Socket) {
		switch {
		case s.Inode != 0:
			if d.Fill(s) && s.State == socket.Listen && s.IsTCP() {
				ports[s.Local.Port()] = true
			}
		case ports[s.Local.Port()]:
			d.queue(s)
		}
	}
}

// queue keeps a socket without inode that may wait in an accept queue: the
// handshake is done and accept() was not called, in a state that only a
// connection with a program behind it can have. Whose it is is known when the
// listeners are (assignQueued). Of an MPTCP connection the subflow waits; its
// MPTCP socket, which is in a table too, is not another one.
func (d *Draft) queue(s *socket.Socket) {
	if s.Protocol == socket.MPTCP {
		return
	}
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
