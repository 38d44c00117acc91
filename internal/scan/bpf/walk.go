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

	buffer []byte
	beside bool     // another goroutine reads
	pieces [][]byte // what it reads into
	record record
	socket socket.Socket
	unix   socket.UnixInfo
	names  map[string]string // paths of UNIX sockets seen so far

	tgid, tid uint32           // whose records come in now
	skip      bool             // the records of tid repeat an earlier thread's
	tables    map[table]uint32 // descriptor tables seen, and the thread they were seen of
}

// Walker returns a new walker.
func (p *Program) Walker() *Walker {
	return &Walker{program: p, buffer: make([]byte, bufferSize), names: map[string]string{}, tables: map[table]uint32{}}
}

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
// are seen. The Socket and its UnixInfo are reused for the next call: yield copies what
// it keeps. Holders is empty, as are ProtoName, Watch and Peer. The order is
// the kernel's. Sockets that are opened or closed during the walk may be
// missed. An error of yield ends the walk and is returned.
func (w *Walker) Walk(ctx context.Context, tgid int, yield func(pid int, fd int32, s *socket.Socket) error) error {
	if tgid < 0 {
		return fmt.Errorf("bpf: look at process %d: %w", tgid, unix.EINVAL)
	}
	iter, err := w.program.iterate(tgid)
	if err != nil {
		return err
	}
	defer unix.Close(iter)
	w.start()
	if w.beside {
		return w.readBeside(ctx, iter, yield)
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
	clear(w.tables)
}

// deliver yields the records in b and returns how many bytes it used up.
func (w *Walker) deliver(b []byte, yield func(int, int32, *socket.Socket) error) (int, error) {
	used := 0
	for {
		n, ok := w.record.read(b[used:])
		if !ok {
			return used, errors.New("bpf: read iterator: not a record")
		}
		if n == 0 {
			return used, nil
		}
		used += n
		if w.repeats() {
			continue
		}
		w.decode()
		if !w.program.states.Has(w.socket.State) {
			continue
		}
		if err := yield(int(w.record.tgid), w.record.fd, &w.socket); err != nil {
			return used, err
		}
	}
}

// repeats reports whether the record repeats an earlier one. The kernel
// leaves threads out that share their leader's descriptors, but once the
// leader has ended it walks the shared table for every thread, and before
// Linux 6.7 it comes back to the last thread of a process when it has seen all
// (task_group_seq_get_next in kernel/bpf/task_iter.c). A walk over every
// process goes by tid, so threads of others may come in between.
func (w *Walker) repeats() bool {
	r := &w.record
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
