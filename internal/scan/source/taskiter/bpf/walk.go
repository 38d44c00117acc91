//go:build linux

package bpf

import (
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// bufferSize holds all that the kernel has ready at once: its own buffer is
// eight pages.
const bufferSize = 64 << 10

// Walker reads the records of a program. Several of one program can be at work
// at once; one by itself is not safe for concurrent use. It keeps its memory
// between looks.
type Walker struct {
	program *Program

	buffer    []byte
	pipelined bool     // another goroutine reads
	pieces    [][]byte // what it reads into
	record    record
	socket    socket.Socket
	unix      socket.UnixInfo
	epolls    []socket.EpollItem // of the next socket
	anon      []AnonFile
	names     map[string]string // paths of UNIX sockets seen so far

	tgid, tid uint32           // whose records come in now
	skip      bool             // the records of tid repeat an earlier thread's
	tables    map[table]uint32 // descriptor tables seen, and the thread they were seen of
}

// Walker returns a new walker.
func (p *Program) Walker() *Walker {
	return &Walker{program: p, buffer: make([]byte, bufferSize), names: map[string]string{}, tables: map[table]uint32{}}
}

// Descriptor is where a socket was seen.
type Descriptor struct {
	TGID        int // process, as our own pid namespace numbers it
	FD          int32
	CloseOnExec bool // FD_CLOEXEC, fcntl(2)
	FlagsKnown  bool // CloseOnExec was seen
}

// AnonFile is a descriptor of an epoll set, an eventfd, an io_uring or another
// file on no file system. The one whose Data is the Set of a socket.EpollItem is
// that epoll set.
type AnonFile struct {
	TGID int
	FD   int32
	Data uint64 // file.private_data: an address, not to be printed
}

// AnonFiles returns those that the last walk came by, up to a bound of 65,536.
// They are valid until the next walk.
func (w *Walker) AnonFiles() []AnonFile { return w.anon }

const maxAnonFiles = 1 << 16

// table is a table of descriptors that threads share.
type table struct {
	tgid  uint32
	files uint64
}

// Walk calls yield for every descriptor of the process tgid that is a socket,
// and for every connection that waits in the accept queue of one of them; with
// tgid 0, for those of every process. A process that does not exist has none.
//
// A waiting connection has no descriptor of its own: pid and fd are its
// listener's, its Inode is 0 and its Listener is set. Of each queue the first
// 64 are seen; the listener's RecvQ says how many there are. Their Cookie is 0
// until something else has asked for it: the kernel gives cookies out late.
//
// Process numbers are those of our own pid namespace, and only its processes
// are seen. The Socket, its UnixInfo and its Epolls are reused for the next
// call: yield copies what it keeps. Holders is empty, as are ProtoName, Watch and Peer. The order is
// the kernel's. Sockets that are opened or closed during the walk may be
// missed. An error of yield ends the walk and is returned.
func (w *Walker) Walk(ctx context.Context, tgid int, yield func(d Descriptor, s *socket.Socket) error) error {
	if tgid < 0 {
		return fmt.Errorf("bpf: look at process %d: %w", tgid, unix.EINVAL)
	}
	iter, err := w.program.iterate(tgid)
	if err != nil {
		return err
	}
	defer unix.Close(iter)
	w.start()
	if w.pipelined {
		return w.readPipelined(ctx, iter, yield)
	}
	for rest := 0; ; {
		n, err := readSome(ctx, iter, w.buffer[rest:])
		if err != nil {
			return err
		}
		if n == 0 {
			return whole(rest)
		}
		used, err := w.deliver(w.buffer[:rest+n], yield)
		if err != nil {
			return err
		}
		rest = copy(w.buffer, w.buffer[used:rest+n])
	}
}

// readSome reads what the kernel has ready; 0 bytes are the end.
func readSome(ctx context.Context, iter int, b []byte) (int, error) {
	for {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, err := unix.Read(iter, b)
		if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR) {
			continue // the kernel pauses after many descriptors that are no sockets
		}
		if err != nil {
			return 0, fmt.Errorf("bpf: read iterator: %w", err)
		}
		return n, nil
	}
}

// whole checks that nothing is left over at the end.
func whole(rest int) error {
	if rest > 0 {
		return fmt.Errorf("bpf: read iterator: %w", io.ErrUnexpectedEOF)
	}
	return nil
}

func (w *Walker) start() {
	w.tgid, w.tid, w.skip = 0, 0, false
	w.epolls, w.anon = w.epolls[:0], w.anon[:0]
	clear(w.tables)
}

// deliver yields the records in b and returns how many bytes it used up.
func (w *Walker) deliver(b []byte, yield func(Descriptor, *socket.Socket) error) (int, error) {
	used := 0
	for {
		kind, n, ok := w.record.read(b[used:])
		if !ok {
			return used, errors.New("bpf: read iterator: not a record")
		}
		if n == 0 {
			return used, nil
		}
		used += n
		switch kind {
		case descriptorKind:
			w.begin()
		case epollKind:
			i := &w.record.item
			w.epolls = append(w.epolls, socket.EpollItem{Set: i.set, FD: i.fd, Events: i.events, Data: i.data})
		default:
			if err := w.yield(yield); err != nil {
				return used, err
			}
		}
	}
}

// begin begins with the records of another descriptor.
func (w *Walker) begin() {
	d := &w.record.descriptor
	w.epolls, w.record.item.next = w.epolls[:0], 0
	w.skip = w.repeats(d)
	if d.data != 0 && !w.skip && len(w.anon) < maxAnonFiles {
		w.anon = append(w.anon, AnonFile{TGID: int(d.tgid), FD: int32(d.fd), Data: d.data})
	}
}

// yield yields the socket of the record, unless it repeats one or is in
// another state than those asked for.
func (w *Walker) yield(yield func(Descriptor, *socket.Socket) error) error {
	if w.skip {
		return nil
	}
	w.decode()
	if !w.program.states.Has(w.socket.State) {
		return nil
	}
	d := &w.record.descriptor
	known := !w.program.noFlags && d.fd < d.maxFds
	return yield(Descriptor{
		TGID: int(d.tgid), FD: int32(d.fd),
		FlagsKnown: known, CloseOnExec: known && d.closeOnExec>>(d.fd%64)&1 != 0,
	}, &w.socket)
}

// repeats reports whether the descriptor was seen before. The kernel
// leaves threads out that share their leader's descriptors, but once the
// leader has ended it walks the shared table for every thread, and before
// Linux 6.7 it comes back to the last thread of a process when it has seen all
// (task_group_seq_get_next in kernel/bpf/task_iter.c). A walk over every
// process goes by tid, so threads of others may come in between.
func (w *Walker) repeats(r *descriptor) bool {
	if r.tgid == w.tgid && r.tid == w.tid {
		return w.skip
	}
	w.tgid, w.tid, w.skip = r.tgid, r.tid, false
	t := table{r.tgid, r.files}
	if first, seen := w.tables[t]; seen {
		w.skip = first != r.tid
	} else {
		w.tables[t] = r.tid
	}
	return w.skip
}
