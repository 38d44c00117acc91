package scan

import (
	"runtime"

	"github.com/sockleak/sockleak/internal/scan/procfs"
	"github.com/sockleak/sockleak/internal/socket"
)

// table is what the descriptor table of one process has.
type table struct {
	sockets []heldSocket
	waits   waits
	total   int // descriptors of all kinds
	err     error
}

type heldSocket struct {
	inode uint64
	fd    int32
}

// waits are the descriptors of a process through which it waits for others.
type waits struct {
	epolls  []int32 // epoll sets
	ioURing bool
}

// read reads the descriptor table of the process into t, whose memory it uses
// again.
func (t *table) read(proc procfs.FS, pid int) {
	t.sockets, t.waits = t.sockets[:0], waits{}
	t.total, t.err = proc.Descriptors(pid, func(d procfs.Descriptor) {
		switch d.Kind {
		case procfs.Socket:
			t.sockets = append(t.sockets, heldSocket{d.Inode, d.FD})
		case procfs.Epoll:
			t.waits.epolls = append(t.waits.epolls, d.FD)
		case procfs.IOURing:
			t.waits.ioURing = true
		}
	})
}

// holdAll reads the descriptor tables of all processes of the draft, and
// returns who of them waits through what.
func holdAll(proc procfs.FS, d *Draft) map[socket.ProcessID]waits {
	all := make(map[socket.ProcessID]waits, len(d.snap.Processes))
	take := func(i int, t *table) {
		p := &d.snap.Processes[i]
		for _, s := range t.sockets {
			d.Hold(s.inode, socket.Holder{Process: p.ID, FD: s.fd})
		}
		if t.err != nil {
			d.unreadable(p, "descriptors", t.err)
			return
		}
		all[p.ID] = t.waits
		p.SocketFDs = len(t.sockets)
		if p.FDs < 0 {
			p.FDs = t.total
		}
	}
	eachTable(proc, d.snap.Processes, take)
	return all
}

// tablesAhead is how many tables each thread reads ahead of what was taken.
const tablesAhead = 8

// eachTable calls take with the descriptor tables of the processes in their
// order, while several threads read the next ones: the kernel takes some
// microseconds for each descriptor. A table is valid until take returns.
func eachTable(proc procfs.FS, list []socket.Process, take func(i int, t *table)) {
	workers := min(runtime.GOMAXPROCS(0), len(list))
	if workers < 2 {
		var t table
		for i := range list {
			t.read(proc, list[i].ID.PID)
			take(i, &t)
		}
		return
	}
	// Thread w reads every table i with i mod workers == w, so that asking
	// one after the other brings them in order.
	full, empty := make([]chan *table, workers), make([]chan *table, workers)
	for w := range workers {
		full[w], empty[w] = make(chan *table, tablesAhead), make(chan *table, tablesAhead)
		for range tablesAhead {
			empty[w] <- new(table)
		}
		go func() {
			for i := w; i < len(list); i += workers {
				t := <-empty[w]
				t.read(proc, list[i].ID.PID)
				full[w] <- t
			}
		}()
	}
	for i := range list {
		w := i % workers
		t := <-full[w]
		take(i, t)
		empty[w] <- t
	}
}
