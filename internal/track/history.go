package track

import (
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// History is what is remembered of the looks at one set of targets. Make one
// with NewHistory.
//
// Its memory follows what is open now, not for how long it is kept or what has
// passed: a Track of some 200 bytes for each socket of the newest snapshot, at
// most 4 KB for each of its processes, and at most 20 MB for all series
// together (maxGauges, maxClosings). Maps keep the room of the most that was
// open at one time.
type History struct {
	now      *socket.Snapshot
	accepts  socket.Listeners // those of now
	looks    []Look           // the first, and at most maxLooks in all
	count    int              // looks that these stand for
	tracks   map[socket.ID]*Track
	gauges   map[GaugeKey]*series
	procs    map[socket.ProcessID]*ProcessTrack
	closings map[closingKey]Closings
	seq      int     // number of the newest look, counted from 1
	memory   *Memory // of an earlier run, until the first look; see Resume

	closingsFull bool // more kinds of sockets were closed than there is room for
}

// maxLooks bounds what is kept of the looks. Beyond it two that follow each
// other become one.
const maxLooks = 512

// Look is what is kept of every snapshot, or of several in a row.
type Look struct {
	Taken   time.Time
	Sockets int  // sockets seen
	New     int  // of those, not in the look before
	Gone    int  // sockets of the look before that are not in this one
	Blind   bool // something hid sockets of a target
}

// NewHistory returns an empty history.
func NewHistory() *History {
	return &History{
		tracks:   map[socket.ID]*Track{},
		gauges:   map[GaugeKey]*series{},
		procs:    map[socket.ProcessID]*ProcessTrack{},
		closings: map[closingKey]Closings{},
	}
}

// Add takes in the next snapshot, which must be younger than those before
// and must not be changed afterwards.
//
// Tracks are first built when a second snapshot arrives: one look at 200,000
// sockets needs none.
func (h *History) Add(s *socket.Snapshot) {
	switch h.seq {
	case 0:
		h.recall(s)
	case 1:
		h.follow(h.now)
	}
	before := h.now
	h.now, h.accepts = s, socket.NewListeners(s)
	h.seq++
	look := Look{Taken: s.Taken, Sockets: len(s.Sockets), Blind: s.Blind()}
	if before != nil {
		look.New = h.follow(s)
		look.Gone = h.looks[len(h.looks)-1].Sockets + look.New - len(s.Sockets)
		h.forget()
	}
	h.followProcesses(s)
	h.addLook(look)
}

func (h *History) addLook(look Look) {
	if len(h.looks) == maxLooks {
		kept := h.looks[:1]
		for i := 1; i < maxLooks; i += 2 {
			joined := h.looks[i]
			if i+1 < maxLooks {
				joined = joined.join(h.looks[i+1])
			}
			kept = append(kept, joined)
		}
		h.looks = kept
	}
	h.looks = append(h.looks, look)
	h.count++
}

// join makes one of two looks in a row: what came and went is added up.
func (l Look) join(next Look) Look {
	next.New += l.New
	next.Gone += l.Gone
	next.Blind = next.Blind || l.Blind
	return next
}

// follow updates the tracks and returns how many sockets are new.
func (h *History) follow(s *socket.Snapshot) int {
	fresh := 0
	for _, sock := range s.Sockets {
		k, isNew := h.followSocket(sock, s.Taken)
		if isNew {
			fresh++
		}
		h.place(k, sock, s)
	}
	h.followGauges(s)
	return fresh
}

// place notes what a socket belongs to, and how long it has been left alone,
// for the moment at which it is gone.
func (h *History) place(k *Track, s *socket.Socket, snap *socket.Snapshot) {
	if k.holder.PID == 0 || !s.HeldBy(k.holder) {
		k.holder = socket.ProcessID{}
		if len(s.Holders) > 0 {
			k.holder = s.Holders[0].Process
		}
		if k.firstHolder.PID == 0 {
			k.firstHolder = k.holder
		}
		k.population = PopulationOf(s, snap.Process(k.holder), &h.accepts)
	}
	k.noteHolders(s)
	k.idle, k.age = h.Idle(s), h.Age(s).AtLeast
}

// Now returns the newest snapshot, or nil before the first Add.
func (h *History) Now() *socket.Snapshot { return h.now }

// Listeners returns the listeners of the newest snapshot.
func (h *History) Listeners() *socket.Listeners { return &h.accepts }

// Looks returns what is kept of the looks, oldest first. The first and the
// newest are always there; of a long history, one entry between them stands
// for several looks.
func (h *History) Looks() []Look { return h.looks }

// Count returns how many looks were taken.
func (h *History) Count() int { return h.count }

// Window returns the time between the first and the newest look; 0 for one.
func (h *History) Window() time.Duration {
	if len(h.looks) < 2 {
		return 0
	}
	return h.looks[len(h.looks)-1].Taken.Sub(h.looks[0].Taken)
}
