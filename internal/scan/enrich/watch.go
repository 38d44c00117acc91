//go:build linux

package enrich

import (
	"slices"

	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/socket"
)

// watch notes for each socket which epoll sets and threads of the process
// wait for it. The error is that of reading the threads, which also goes into
// the doubt of each Watch. How deep it looks says what else it notes.
func (e *Enricher) watch(p *socket.Process, list []*socket.Socket, waits source.Waits, sets map[uint64][]socket.Holder, deep depth) error {
	found := waiting{byFD: map[int32]*socket.Watch{}, byInode: map[uint64][]socket.EpollWatch{}, waiters: map[uint64][]socket.Waiter{}}
	switch {
	case !mayBeWatched(list):
	case slices.ContainsFunc(list, func(s *socket.Socket) bool { return s.Has(socket.HasEpolls) }):
		switch uses, err := e.usesIOURing(p.ID, waits); {
		case err != nil:
			found.doubt = "whether it uses io_uring is not known: " + source.Reason(err)
		case uses:
			found.doubt = "the process uses io_uring"
		}
		for _, s := range list {
			if list := registered(s, p.ID, sets); list != nil {
				found.byInode[s.Inode] = list
			}
		}
	default:
		sets, err := e.epolls(p, waits)
		switch {
		case err != nil:
			found.doubt = "epoll sets could not be read: " + source.Reason(err)
		case sets.IOURing:
			found.doubt = "the process uses io_uring"
		}
		for _, e := range sets.Watches {
			found.addEpoll(e)
		}
	}
	threads, err := e.fs.BlockedThreads(p.ID.PID)
	if err != nil {
		found.doubt = "threads could not be read: " + source.Reason(err)
		p.Idle = -1
	} else {
		p.Idle = len(threads.Blocked)
		p.Tasks = tasks(threads)
	}
	for _, t := range threads.Blocked {
		if t.Doubt != "" && found.doubt == "" {
			found.doubt = t.Doubt
		}
		for _, fd := range t.FDs {
			w := found.at(fd)
			w.Threads = append(w.Threads, socket.ThreadWait{Process: p.ID, TID: t.TID, Syscall: t.Syscall})
		}
	}
	if deep > calls && p.Runtime == socket.RuntimeUnknown {
		p.Runtime = e.fs.Runtime(p)
	}
	if deep > calls && (len(found.byFD)+len(found.byInode) > 0 || p.Runtime == socket.Python) {
		_ = found.stacks(p, list, threads, deep) // what is not known is left out
	}
	found.none.Doubt = found.doubt
	for _, s := range list {
		found.give(s, p.ID)
	}
	return err
}

// mayBeWatched reports whether it is worth looking for who waits for the
// sockets: false when the kernel's own lists of waiters, which also name
// io_uring, were seen to be empty for all of them. Finding the epoll sets of
// a process costs a walk over all its descriptors.
func mayBeWatched(list []*socket.Socket) bool {
	for _, s := range list {
		if !s.Has(socket.HasWatched) || s.Watched {
			return true
		}
	}
	return false
}

// waiting is what one process waits for. A registration in an epoll set is of
// a file: it outlives its descriptor number when that is closed while a
// duplicate is open, and the number may be another socket's by then. So it is
// found by inode, and by number only where the kernel tells no inode.
type waiting struct {
	byFD    map[int32]*socket.Watch
	byInode map[uint64][]socket.EpollWatch
	waiters map[uint64][]socket.Waiter // by inode: who waits in an epoll set
	doubt   string
	none    socket.Watch // shared by the sockets that nobody waits for; never changed
}

func (w *waiting) at(fd int32) *socket.Watch {
	if w.byFD[fd] == nil {
		w.byFD[fd] = &socket.Watch{}
	}
	return w.byFD[fd]
}

func (w *waiting) addEpoll(e socket.EpollWatch) {
	if e.Inode != 0 {
		w.byInode[e.Inode] = append(w.byInode[e.Inode], e)
		return
	}
	at := w.at(e.FD)
	at.Epolls = append(at.Epolls, e)
}

// give adds what the process, a holder of the socket, knows to the socket's
// Watch.
func (w *waiting) give(s *socket.Socket, id socket.ProcessID) {
	if s.Watch == nil && len(s.Holders) == 1 && w.byFD[s.Holders[0].FD] == nil && w.byInode[s.Inode] == nil {
		s.Watch = &w.none
		return
	}
	if s.Watch == nil {
		s.Watch = &socket.Watch{}
		if len(s.Epolls) > 0 && !s.Has(socket.HasEpolls) {
			s.Watch.Doubt = "it is in more epoll sets than were read"
		}
	}
	s.Watch.Epolls = append(s.Watch.Epolls, w.byInode[s.Inode]...)
	s.Watch.Waiters = append(s.Watch.Waiters, w.waiters[s.Inode]...)
	for i := range s.Holders {
		if s.Holders[i].Process != id {
			continue
		}
		if at := w.byFD[s.Holders[i].FD]; at != nil {
			s.Watch.Epolls = append(s.Watch.Epolls, at.Epolls...)
			s.Watch.Threads = append(s.Watch.Threads, at.Threads...)
			s.Watch.Waiters = append(s.Watch.Waiters, at.Waiters...)
		}
	}
	deadlines(s)
	if s.Watch.Doubt == "" {
		s.Watch.Doubt = w.doubt
	}
}

// doubtEmpty takes back "nobody waits" where the kernel's own list of waiters
// was not empty when the socket was seen: they may be in a process that could
// not be read, or that has closed its descriptor since it registered it.
func doubtEmpty(list []*socket.Socket) {
	for _, s := range list {
		if s.Watch.Nobody() && s.Has(socket.HasWatched) && s.Watched && !s.Polled {
			s.Watch = &socket.Watch{Doubt: "the kernel has a waiter for it that was not found"}
		}
	}
}
