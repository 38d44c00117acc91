//go:build linux

package waiters

import (
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/symbol/python"
)

const (
	mostHeap  = 64 << 20 // of a process that is searched
	chunkSize = 1 << 20
)

// objects finds the objects on the heap that the sockets of the target belong
// to. One that is found twice is not known.
func (l *look) objects() {
	if l.python == nil || len(l.Sockets) == 0 {
		return
	}
	wanted := map[int32]python.Descriptor{}
	for _, d := range l.Sockets {
		wanted[d.FD] = python.Descriptor{FD: d.FD, Family: int32(d.Family), Type: int32(d.Type)}
	}
	times := map[int32]int{}
	left := uint64(mostHeap)
	buf := make([]byte, chunkSize)
	for i := range l.prog.Maps {
		m := &l.prog.Maps[i]
		if !m.Readable || !m.Writable || m.Executable || m.Path != "" && m.Path != "[heap]" {
			continue
		}
		for at := m.Start; at < m.End && left > 0; {
			n := min(chunkSize, m.End-at, left)
			left -= n
			if _, err := l.prog.Memory.ReadAt(buf[:n], int64(at)); err != nil {
				break
			}
			l.python.interpreter.Objects(buf[:n], at, wanted, func(fd int32, o python.Object) {
				times[fd]++
				l.found.Objects[fd] = socket.Object{Process: l.Process.ID, Type: o.Type, Closed: o.Closed, Files: o.Files, References: o.References}
			})
			if n < chunkSize {
				break
			}
			at += n - 64 // an object may lie across the border
		}
	}
	for fd, n := range times {
		if n != 1 {
			delete(l.found.Objects, fd)
		}
	}
}
