//go:build linux

package taskiter

import (
	"cmp"
	"maps"
	"slices"

	"github.com/sockleak/sockleak/internal/scan/source"
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
	alone   source.Blocks             // sockets with one descriptor
	shared  source.Blocks             // those that may have several
	byInode map[uint64]*socket.Socket // the same
	last    *socket.Socket            // that of the newest descriptor, if it is its first here
	queued  []queued                  // connections that wait to be accepted
	count   int                       // descriptors
	over    int                       // of these, without a Holder of their own

	sets map[uint64]bool   // epoll sets that hold one of the sockets
	set  uint64            // the newest of them
	anon []socket.EpollSet // descriptors that may be of an epoll set
}

// queued is a connection in the accept queue of a listener.
type queued struct {
	of   *socket.Socket // the descriptor of the listener that it came with
	conn socket.Socket
}

// add takes a descriptor with its socket, or a connection in the accept queue
// of the listener that came before it.
func (c *catch) add(h socket.Holder, s *socket.Socket) {
	if s.Inode == 0 {
		if l := c.last; l != nil && l.Inode == s.Listener {
			c.queued = append(c.queued, queued{l, *s})
		}
		return
	}
	c.count++
	blocks, shared := &c.alone, !s.Has(socket.HasShared) || s.Shared
	if shared {
		blocks = &c.shared
		if have := c.byInode[s.Inode]; have != nil {
			c.last = nil
			have.Refs = max(have.Refs, s.Refs)
			if !have.AddHolder(h) {
				c.over++
			}
			return
		}
	}
	held := blocks.Socket()
	c.last = held
	*held = *s
	held.Holders = append(blocks.OneHolder(), h)
	if len(s.Epolls) > 0 { // the walker uses these again for its next socket
		held.Epolls = append(blocks.EpollItems(len(s.Epolls)), s.Epolls...)
		c.noteSets(s.Epolls)
	}
	if s.UnixInfo != nil {
		info := *s.UnixInfo
		held.UnixInfo = &info
	}
	if shared {
		if c.byInode == nil {
			c.byInode = map[uint64]*socket.Socket{}
		}
		c.byInode[s.Inode] = held
	}
}

// noteSets notes which epoll sets there are. Neighbours are mostly in the same.
func (c *catch) noteSets(items []socket.EpollItem) {
	for i := range items {
		if set := items[i].Set; set != c.set {
			if c.sets == nil {
				c.sets = map[uint64]bool{}
			}
			c.set, c.sets[set] = set, true
		}
	}
}

// epollSets returns the descriptors of epoll sets that hold a socket, and of
// each process those that came with them: one may be an io_uring.
func epollSets(catches []catch) (sets []socket.EpollSet, rest source.Waits) {
	named := map[uint64]bool{}
	for i := range catches {
		maps.Copy(named, catches[i].sets)
	}
	rest = source.Waits{}
	for i := range catches {
		for _, f := range catches[i].anon {
			if named[f.Set] {
				sets = append(sets, f)
				continue
			}
			w := rest[f.Process]
			w.Others = append(w.Others, f.FD)
			rest[f.Process] = w
		}
	}
	slices.SortFunc(sets, func(a, b socket.EpollSet) int { return byHolder(a.Holder, b.Holder) })
	return sets, rest
}

// takeIn puts together what the walkers brought: the sockets, each once, the
// connections in accept queues, and how many descriptors have no Holder. It does
// not look at sockets with one descriptor: their memory is far away.
func takeIn(catches []catch) (sockets []*socket.Socket, waiting []socket.Socket, over int) {
	n := 0
	for i := range catches {
		n += catches[i].alone.Count() + catches[i].shared.Count()
		over += catches[i].over
	}
	sockets = make([]*socket.Socket, 0, n)
	index := map[uint64]*socket.Socket{} // those that may have several descriptors
	var once []*socket.Socket
	for i := range catches {
		sockets = slices.AppendSeq(sockets, catches[i].alone.All())
		for s := range catches[i].shared.All() {
			if have := index[s.Inode]; have != nil {
				over += merge(have, s)
			} else {
				index[s.Inode] = s
				once = append(once, s)
			}
		}
	}
	if len(index) > 0 { // a socket may have been duplicated during the walk
		sockets = slices.DeleteFunc(sockets, func(s *socket.Socket) bool {
			have := index[s.Inode]
			if have != nil {
				over += merge(have, s)
			}
			return have != nil
		})
		sockets = append(sockets, once...)
	}
	for _, s := range once {
		slices.SortFunc(s.Holders, byHolder)
	}
	return sockets, queues(catches, index), over
}

// merge adds descriptors that another walker has seen of the socket, and
// returns how many have no Holder of their own.
func merge(s, again *socket.Socket) (over int) {
	s.Refs = max(s.Refs, again.Refs)
	for _, h := range again.Holders {
		if !s.AddHolder(h) {
			over++
		}
	}
	return over
}

// queues returns the accept queues: each comes again with every further
// descriptor of its listener.
func queues(catches []catch, index map[uint64]*socket.Socket) (waiting []socket.Socket) {
	for i := range catches {
		for j := range catches[i].queued {
			q := &catches[i].queued[j]
			if have := index[q.of.Inode]; have == nil || have == q.of {
				waiting = append(waiting, q.conn)
			}
		}
	}
	return waiting
}

// byHolder orders descriptors by process, then by number.
func byHolder(a, b socket.Holder) int {
	return cmp.Or(cmp.Compare(a.Process.PID, b.Process.PID), cmp.Compare(a.FD, b.FD))
}
