package socket

import "time"

// Watch says who would notice if data or the end of the stream arrived.
type Watch struct {
	Epolls  []EpollWatch
	Threads []ThreadWait
	Waiters []Waiter // threads and goroutines, with where they are, as far as the process's memory was read
	// Elsewhere are, of a listener, threads that are to accept connections and do
	// something else: see Questions.Acceptors.
	Elsewhere []Waiter
	// Doubt says why somebody may be waiting unseen (io_uring in use, a
	// thread that could not be read, poll(2) with unreadable arguments). It
	// is empty when an empty Watch really means: nobody.
	Doubt string
}

// Nobody reports whether it is known that the socket is in no epoll set, and
// that no thread waits for it.
func (w *Watch) Nobody() bool {
	return w != nil && len(w.Epolls) == 0 && len(w.Threads) == 0 && w.Doubt == ""
}

// Unwaited reports whether it is known that neither a thread, nor a goroutine,
// nor an epoll set waits for the socket. Unlike Nobody it also knows of sockets
// that a runtime has registered by its own account, see [EpollWatch.Poller]: a
// Go server that nobody has told to read from the socket. As with Nobody,
// somebody may be at work for it meanwhile.
func (w *Watch) Unwaited() bool {
	if w == nil || len(w.Threads) > 0 || len(w.Waiters) > 0 || w.Doubt != "" {
		return false
	}
	return !w.Registered()
}

// Registered reports whether the socket is in an epoll set otherwise than by a
// runtime's own account, see [EpollWatch.Poller].
func (w *Watch) Registered() bool {
	for i := range w.Epolls {
		if !w.Epolls[i].Poller {
			return true
		}
	}
	return false
}

// EpollWatch is one registration in an epoll set, a tfd line of
// /proc/PID/fdinfo/EPFD.
type EpollWatch struct {
	Process ProcessID
	EpollFD int32  // -1, and no Process, when the set's descriptor was not seen
	FD      int32  // the watched descriptor, in the process, when it was registered
	Inode   uint64 // of the watched file: FD may have been closed or reused since
	Events  uint32 // EPOLLIN and others, as registered (include/uapi/linux/eventpoll.h)
	Data    uint64 // what epoll_wait(2) gives back for it: a number or a pointer of the program's own
	// Poller is true when the registration is known to be that of a runtime
	// that registers every socket (Go): who waits by it is among the Waiters of
	// the Watch, and nobody does when there are none.
	Poller bool
	// Owner is for whom an event loop has registered it; nil when not known.
	Owner *Owner
}

// EpollItem is one registration of a socket in an epoll set, struct epitem of
// fs/eventpoll.c. It needs no descriptor: an item stays for as long as the
// file is open anywhere. The bpf source reads it without the set's mutex.
type EpollItem struct {
	// Set tells the sets of one snapshot apart; Snapshot.EpollSets says who
	// holds it. It is an address in the kernel, and must not be printed.
	Set    uint64
	FD     int32  // the descriptor's number when it was registered
	Events uint32 // see EpollWatch
	Data   uint64 // see EpollWatch
}

// EpollSet is a descriptor of an epoll set.
type EpollSet struct {
	Set uint64 // see EpollItem
	Holder
}

// Epoll event bits of include/uapi/linux/eventpoll.h that judging needs.
const (
	EpollIn  uint32 = 0x001
	EpollET  uint32 = 1 << 31
	EpollOne uint32 = 1 << 30
)

// EdgeTriggered reports whether the registration is edge-triggered.
func (e EpollWatch) EdgeTriggered() bool { return e.Events&EpollET != 0 }

// ThreadWait is a thread that sleeps in a system call on the socket
// (/proc/PID/task/TID/syscall).
type ThreadWait struct {
	Process ProcessID
	TID     int
	Syscall string        // such as recvfrom, read, accept4, poll
	For     time.Duration // how long at least; 0 when not known
}

// Peer is the other end of a connection whose two ends are in one network
// namespace of this machine.
type Peer struct {
	// Gone: the remote address belongs to the socket's own network namespace,
	// which has no such socket, and nothing translates addresses there (NAT):
	// whatever is sent there is answered by a reset.
	Gone    bool
	State   State
	Inode   uint64 // 0: no program has it, see Closed and Queued
	RecvQ   uint32
	SendQ   uint32
	Timer   Timer
	Holders []Holder // may be empty for want of rights, see Inode
}

// orphaned are the states of a connection that its program has closed.
const orphaned = States(1<<FinWait1 | 1<<FinWait2 | 1<<Closing | 1<<LastAck | 1<<TimeWait | 1<<Close)

// Closed reports whether no program holds the other end any more.
func (p *Peer) Closed() bool { return p != nil && (p.Gone || p.Inode == 0 && orphaned.Has(p.State)) }

// Queued reports whether the other end waits in the accept queue of a listener:
// no program holds it yet.
func (p *Peer) Queued() bool { return p != nil && !p.Gone && p.Inode == 0 && !orphaned.Has(p.State) }

// Held reports whether a program still holds the other end.
func (p *Peer) Held() bool { return p != nil && !p.Gone && p.Inode != 0 }
