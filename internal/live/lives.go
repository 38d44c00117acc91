package live

import (
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// Passage is a state that a socket was seen in, and since when.
type Passage struct {
	At    time.Time // of the first sample that saw it so
	State socket.State
}

// maxPassages bounds what is kept of one socket; no connection has more states.
const maxPassages = 16

// lives is which states each open socket has been in.
type lives struct {
	of    map[socket.ID]life
	count int // samples
}

type life struct {
	now     Passage
	earlier []Passage
	seen    int // number of the sample that saw it last
}

func (l *lives) add(snap *socket.Snapshot) {
	if l.of == nil {
		l.of = make(map[socket.ID]life, len(snap.Sockets))
	}
	l.count++
	for _, s := range snap.Sockets {
		if !s.Has(socket.HasState) {
			continue
		}
		id := s.ID()
		k, there := l.of[id]
		if !there {
			k.now = Passage{snap.Taken, s.State}
		} else if k.now.State != s.State {
			k.earlier = append(slices.Clip(k.earlier), k.now)
			k.earlier = k.earlier[max(0, len(k.earlier)-maxPassages):]
			k.now = Passage{snap.Taken, s.State}
		}
		k.seen = l.count
		l.of[id] = k
	}
	for id, k := range l.of {
		if k.seen != l.count {
			delete(l.of, id)
		}
	}
}

// passages returns the states of a socket, oldest first.
func (l *lives) passages(id socket.ID) []Passage {
	k, there := l.of[id]
	if !there {
		return nil
	}
	return append(slices.Clip(k.earlier), k.now)
}
