package source

import (
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// Builder makes the snapshot of one look. It keeps each socket once, joined by
// inode, because all sockets of a machine live in one sockfs and so share one
// number space. It is not safe for concurrent use.
type Builder struct {
	snap    *socket.Snapshot
	byInode map[uint64]*socket.Socket // nil until index is asked for it
	blocks  Blocks
	waiting []*socket.Socket
	queued  []socket.Socket // may wait in the accept queue of one of the targets
	every   bool            // the target is every process that may be read
	partial bool            // a table was not read to its end: absence from it proves nothing
	over    int             // descriptors that have no Holder of their own
	unread  *socket.Gap     // of every process, those that could not be read
	before  []socket.Gap    // those of the snapshot before the first attempt
	tried   bool
}

// NewBuilder returns a builder of the snapshot, which has its processes; every
// is true when they are all that the machine has. It makes room for the number
// of sockets that is expected; 0 means that it is not known.
func NewBuilder(snap *socket.Snapshot, every bool, expected int) *Builder {
	b := &Builder{snap: snap, every: every}
	if expected > 0 {
		snap.Sockets = make([]*socket.Socket, 0, expected+expected/8+1) // a few more than the last time
	}
	return b
}

// Taken returns when the look began.
func (b *Builder) Taken() time.Time { return b.snap.Taken }

// Every reports whether the target is every process that may be read.
func (b *Builder) Every() bool { return b.every }

// Processes returns the processes to look at, by pid. They are read only.
func (b *Builder) Processes() []socket.Process { return b.snap.Processes }

// Sockets returns the sockets so far. They are read only.
func (b *Builder) Sockets() []*socket.Socket { return b.snap.Sockets }

// Count notes how many descriptors process i has: sockets, and of all kinds
// unless that is known already or total is below 0.
func (b *Builder) Count(i, sockets, total int) {
	p := &b.snap.Processes[i]
	p.SocketFDs = sockets
	if p.FDs < 0 && total >= 0 {
		p.FDs = total
	}
}

// Attempt is called before a source adds to the builder: what one that has
// failed before has added is forgotten.
func (b *Builder) Attempt() {
	if !b.tried {
		b.tried, b.before = true, slices.Clone(b.snap.Gaps)
		return
	}
	b.snap.Gaps = slices.Clone(b.before)
	b.byInode, b.snap.Sockets, b.snap.EpollSets = nil, nil, nil
	b.queued, b.partial, b.over, b.unread = nil, false, 0, nil
	for i := range b.snap.Processes {
		b.snap.Processes[i].SocketFDs = -1
	}
}

// Register notes the descriptors of epoll sets that Socket.Epolls name.
func (b *Builder) Register(sets []socket.EpollSet) { b.snap.EpollSets = sets }

// index returns the sockets by inode.
func (b *Builder) index() map[uint64]*socket.Socket {
	if b.byInode == nil {
		b.byInode = make(map[uint64]*socket.Socket, max(len(b.snap.Sockets), cap(b.snap.Sockets)))
		for _, s := range b.snap.Sockets {
			if s.Inode != 0 {
				b.byInode[s.Inode] = s
			}
		}
	}
	return b.byInode
}

// Hold notes that a descriptor refers to the socket with the inode. Those of one
// process must come one after the other.
func (b *Builder) Hold(inode uint64, h socket.Holder) {
	s := b.index()[inode]
	if s == nil {
		s = b.add()
		s.Inode = inode
		b.byInode[inode] = s
	}
	if s.Holders == nil {
		s.Holders = b.blocks.OneHolder()
	}
	if !s.AddHolder(h) {
		b.over++
	}
}

// Held reports whether a descriptor refers to the socket with the inode.
func (b *Builder) Held(inode uint64) bool { return b.index()[inode] != nil }

// add returns a new, empty socket of the snapshot.
func (b *Builder) add() *socket.Socket {
	s := b.blocks.Socket()
	b.snap.Sockets = append(b.snap.Sockets, s)
	return s
}

// Adopt takes the sockets with their holders, each of which must come once,
// and connections that wait in accept queues, in place of all before; over of
// their descriptors have no Holder of their own.
func (b *Builder) Adopt(sockets []*socket.Socket, queued []socket.Socket, over int) {
	b.byInode, b.snap.Sockets, b.queued, b.over = nil, sockets, queued, over
}

// Unheld adds a socket without an inode to join it by: one that no descriptor
// refers to, such as one in an accept queue or in TIME_WAIT, or one whose
// holders the source itself names. The facts are copied.
func (b *Builder) Unheld(facts *socket.Socket, holders ...socket.Holder) {
	s := b.add()
	*s = *facts
	s.Holders = holders
}

// Unknown returns the held sockets that no source has described yet. The list
// is valid until the next call.
func (b *Builder) Unknown() []*socket.Socket {
	list := b.waiting[:0]
	for _, s := range b.snap.Sockets {
		if s.Presence == socket.PresenceUnknown && s.Inode != 0 {
			list = append(list, s)
		}
	}
	b.waiting = list
	return list
}

// Namespaces returns the network namespaces. They are read only.
func (b *Builder) Namespaces() []socket.Namespace { return b.snap.Namespaces }

// Namespace notes what is known of namespace i, or of a new one where i is how
// many there are.
func (b *Builder) Namespace(i int, facts socket.Namespace) {
	if i == len(b.snap.Namespaces) {
		b.snap.Namespaces = append(b.snap.Namespaces, facts)
		return
	}
	b.snap.Namespaces[i] = facts
}

// Drop removes the processes, their descriptors, and the sockets that nobody
// else holds.
func (b *Builder) Drop(pids map[int]bool) {
	isGone := func(h socket.Holder) bool { return pids[h.Process.PID] }
	b.snap.Sockets = slices.DeleteFunc(b.snap.Sockets, func(s *socket.Socket) bool {
		held := len(s.Holders) > 0
		s.Holders = slices.DeleteFunc(s.Holders, isGone)
		return held && len(s.Holders) == 0 || pids[s.KeptBy.PID]
	})
	b.snap.Processes = slices.DeleteFunc(b.snap.Processes, func(p socket.Process) bool { return pids[p.ID.PID] })
}

// Finish returns the snapshot, with its sockets in order and the account of
// what is only counted.
func (b *Builder) Finish() *socket.Snapshot {
	b.account()
	socket.Sort(b.snap.Sockets)
	return b.snap
}
