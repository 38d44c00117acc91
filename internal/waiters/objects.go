//go:build linux

package waiters

import (
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/symbol/python"
)

const (
	mostHeap    = 64 << 20 // of a process that is searched
	mostObjects = 512      // sockets of which it is searched for
	chunkSize   = 1 << 20
)

// objects finds the objects on the heap that the sockets of the target belong
// to, and what refers to them. One that is found twice is not known.
func (l *look) objects() {
	if l.python == nil || len(l.Sockets) == 0 {
		return
	}
	wanted := map[int32]python.Descriptor{}
	for _, d := range l.Sockets[:min(len(l.Sockets), mostObjects)] {
		wanted[d.FD] = python.Descriptor{FD: d.FD, Family: int32(d.Family), Type: int32(d.Type)}
	}
	found, twice := map[int32]python.Object{}, map[int32]bool{}
	l.eachHeap(func(data []byte, base uint64) {
		l.python.interpreter.Objects(data, base, wanted, func(fd int32, o python.Object) {
			if before, ok := found[fd]; ok && before.At != o.At {
				twice[fd] = true
			}
			found[fd] = o
		})
	})
	at := map[uint64]bool{}
	for fd, o := range found {
		if twice[fd] {
			delete(found, fd)
		} else {
			at[o.At] = true
		}
	}
	if len(at) == 0 {
		return
	}
	references := l.python.interpreter.References(at)
	for fd, o := range found {
		l.found.Objects[fd] = l.object(o, references[o.At])
	}
}

func (l *look) object(o python.Object, refs *python.References) socket.Object {
	out := socket.Object{Process: l.Process.ID, Type: o.Type, Closed: o.Closed, Files: o.Files, References: o.References}
	if refs == nil {
		return out
	}
	for _, r := range refs.List {
		out.Held = append(out.Held, r.Path)
	}
	out.Ended = refs.Over == o.References && refs.Count == o.References
	return out
}

// eachHeap reads the memory that objects may lie in, piece by piece.
func (l *look) eachHeap(do func(data []byte, base uint64)) {
	const overlap = 64 // an object may lie across the border
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
			do(buf[:n], at)
			if n < chunkSize {
				break
			}
			at += n - overlap
		}
	}
}
