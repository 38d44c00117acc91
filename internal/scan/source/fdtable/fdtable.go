//go:build linux

// Package fdtable reads the descriptor tables of processes from /proc, for the
// sources that ask elsewhere what the sockets are.
package fdtable

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/scan/source"
	"github.com/sockleak/sockleak/internal/socket"
)

// table is what the descriptor table of one process has.
type table struct {
	sockets []held
	waits   source.Waiting
	total   int // descriptors of all kinds
	err     error
}

type held struct {
	inode uint64
	fd    int32
}

// read reads the descriptor table of the process into t, whose memory it uses
// again.
func (t *table) read(files proc.FS, pid int) {
	t.sockets, t.waits = t.sockets[:0], source.Waiting{}
	t.total, t.err = files.Descriptors(pid, func(d proc.Descriptor) {
		switch d.Kind {
		case proc.Socket:
			t.sockets = append(t.sockets, held{d.Inode, d.FD})
		case proc.Epoll:
			t.waits.Epolls = append(t.waits.Epolls, d.FD)
		case proc.IOURing:
			t.waits.IOURing = true
		}
	})
}

// Hold adds the sockets that the builder's processes hold, and returns what
// they wait through. What may not be read becomes a gap; where none of the
// processes may be, that is the error. It needs what proc.FS.Descriptors needs.
func Hold(files proc.FS, b *source.Builder) (source.Waits, error) {
	list := b.Processes()
	all := make(source.Waits, len(list))
	var refused error
	eachTable(files, list, func(i int, t *table) {
		id := list[i].ID
		for _, s := range t.sockets {
			b.Hold(s.inode, socket.Holder{Process: id, FD: s.fd})
		}
		if t.err != nil {
			b.Unreadable(&list[i], "descriptors", t.err)
			if !errors.Is(t.err, fs.ErrNotExist) {
				refused = t.err
			}
			return
		}
		all[id] = t.waits
		b.Count(i, len(t.sockets), t.total)
	})
	if refused != nil && len(all) == 0 {
		return nil, fmt.Errorf("read descriptors: %w", refused)
	}
	return all, nil
}

// tablesAhead is how many tables each thread reads ahead of what was taken.
const tablesAhead = 8

// eachTable calls take with the descriptor tables of the processes in their
// order, while several threads read the next ones: the kernel takes some
// microseconds for each descriptor. A table is valid until take returns.
func eachTable(files proc.FS, list []socket.Process, take func(i int, t *table)) {
	workers := min(runtime.GOMAXPROCS(0), len(list))
	if workers < 2 {
		var t table
		for i := range list {
			t.read(files, list[i].ID.PID)
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
				t.read(files, list[i].ID.PID)
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
