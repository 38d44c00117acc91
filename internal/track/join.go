package track

import (
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// Join returns one history for processes that were looked at apart and ended
// at different times. Its newest snapshot is s, which was made of their last
// looks; its looks are those of all of them. An age is what it was at the last
// look of the part: the time since then does not count.
func Join(s *socket.Snapshot, parts []*History) *History {
	h := NewHistory()
	h.now, h.accepts = s, socket.NewListeners(s)
	at := map[time.Time]int{}
	for _, part := range parts {
		for _, l := range part.looks {
			i, ok := at[l.Taken]
			if !ok {
				i = len(h.looks)
				at[l.Taken] = i
				h.looks = append(h.looks, Look{Taken: l.Taken})
			}
			h.looks[i].Sockets += l.Sockets
			h.looks[i].New += l.New
			h.looks[i].Gone += l.Gone
			h.looks[i].Blind = h.looks[i].Blind || l.Blind
		}
		h.count = max(h.count, part.count)
		h.take(part)
	}
	slices.SortFunc(h.looks, func(a, b Look) int { return a.Taken.Compare(b.Taken) })
	if len(h.looks) == 0 {
		h.looks = []Look{{Taken: s.Taken, Sockets: len(s.Sockets), Blind: s.Blind()}}
	}
	h.count = max(h.count, len(h.looks))
	h.seq = len(h.looks)
	return h
}

// take takes over what the other history remembers of the sockets of its
// newest snapshot.
func (h *History) take(from *History) {
	if from.now == nil {
		return
	}
	later := h.now.Taken.Sub(from.now.Taken)
	for _, sock := range from.now.Sockets {
		k := from.Track(sock)
		if k == nil {
			continue
		}
		moved := *k
		moved.First, moved.StateSince = k.First.Add(later), k.StateSince.Add(later)
		if !k.Moved.IsZero() {
			moved.Moved = k.Moved.Add(later)
		}
		h.tracks[sock.ID()] = &moved
	}
}
