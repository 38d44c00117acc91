package scan

import (
	"cmp"
	"slices"

	"github.com/sockleak/sockleak/internal/socket"
)

// catch is what one walker of the bpf source brings home. Walkers work side by
// side: each fills a catch of its own, and the draft takes them in one after
// the other.
//
// Nearly every socket has one descriptor, which the kernel's count of
// references proves. Only the others can come twice, and have to be looked up
// by inode: an index of 200,000 sockets costs more than the kernel's walk.
type catch struct {
	blocks  blocks
	sockets []*socket.Socket // one descriptor each
	shared  []sharing        // those that may have more
}

// sharing is a descriptor of a socket that may have others.
type sharing struct {
	socket *socket.Socket
	queue  []socket.Socket // of a listener
}

// add takes a descriptor with its socket, or a connection in the accept queue
// of the listener that came before it.
func (c *catch) add(p *socket.Process, fd int32, s *socket.Socket) {
	if s.Inode == 0 {
		c.addQueued(s)
		return
	}
	p.SocketFDs++
	held := c.blocks.socket()
	*held = *s
	held.Holders = append(c.blocks.oneHolder(), socket.Holder{Process: p.ID, FD: fd})
	if s.UnixInfo != nil { // the walker uses it again for its next socket
		info := *s.UnixInfo
		held.UnixInfo = &info
	}
	if s.State == socket.Listen || s.Shared || !s.Has(socket.HasShared) {
		c.shared = append(c.shared, sharing{socket: held})
		return
	}
	c.sockets = append(c.sockets, held)
}

// addQueued takes a connection that waits to be accepted. Listeners are among
// the shared: their queue comes again with each descriptor.
func (c *catch) addQueued(s *socket.Socket) {
	if n := len(c.shared); n > 0 && c.shared[n-1].socket.Inode == s.Listener {
		l := &c.shared[n-1]
		l.queue = append(l.queue, *s)
	}
}

// takeIn adds what the walkers brought to the draft, which must be empty.
func (d *Draft) takeIn(catches []catch) {
	exclusive, shared := 0, 0
	for i := range catches {
		exclusive, shared = exclusive+len(catches[i].sockets), shared+len(catches[i].shared)
	}
	d.snap.Sockets = slices.Grow(d.snap.Sockets[:0], exclusive+shared)
	index := make(map[uint64]*socket.Socket, shared)
	for i := range catches {
		for _, one := range catches[i].shared {
			have := index[one.socket.Inode]
			if have == nil {
				index[one.socket.Inode] = one.socket
				d.snap.Sockets = append(d.snap.Sockets, one.socket)
				d.queued = append(d.queued, one.queue...)
				continue
			}
			have.Holders = append(have.Holders, one.socket.Holders...)
		}
	}
	for i := range catches {
		for _, s := range catches[i].sockets {
			if have := index[s.Inode]; have != nil { // it was duplicated during the walk
				have.Holders = append(have.Holders, s.Holders...)
				continue
			}
			d.snap.Sockets = append(d.snap.Sockets, s)
		}
	}
	for _, s := range index {
		slices.SortFunc(s.Holders, byHolder)
	}
}

// byHolder orders descriptors by process, then by number.
func byHolder(a, b socket.Holder) int {
	return cmp.Or(cmp.Compare(a.Process.PID, b.Process.PID), cmp.Compare(a.FD, b.FD))
}
