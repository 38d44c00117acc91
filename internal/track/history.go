package track

import (
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// History is what is remembered of the looks at one set of targets. Make one
// with NewHistory.
type History struct {
	now      *socket.Snapshot
	looks    []Look
	tracks   map[socket.ID]*Track
	groups   map[GroupKey]*Group
	gauges   map[GaugeKey]*Group
	procs    map[socket.ProcessID]*ProcessTrack
	closings map[closingKey]Closings
	seq      int     // number of the newest look, counted from 1
	memory   *Memory // of an earlier run, until the first look; see Resume
}

// Look is what is kept of every snapshot.
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
		groups:   map[GroupKey]*Group{},
		gauges:   map[GaugeKey]*Group{},
		procs:    map[socket.ProcessID]*ProcessTrack{},
		closings: map[closingKey]Closings{},
	}
}

// Add takes in the next snapshot, which must be younger than those before
// and must not be changed afterwards.
//
// Tracks and groups are first built when a second snapshot arrives: one look
// at 200,000 sockets needs neither.
func (h *History) Add(s *socket.Snapshot) {
	switch h.seq {
	case 0:
		h.recall(s)
	case 1:
		h.follow(h.now)
	}
	before := h.now
	h.now = s
	h.seq++
	look := Look{Taken: s.Taken, Sockets: len(s.Sockets), Blind: s.Blind()}
	if before != nil {
		look.New = h.follow(s)
		look.Gone = h.looks[len(h.looks)-1].Sockets + look.New - len(s.Sockets)
		h.forget()
	}
	h.followProcesses(s)
	h.looks = append(h.looks, look)
}

// follow updates the tracks and groups and returns how many sockets are new.
func (h *History) follow(s *socket.Snapshot) int {
	fresh := 0
	listeners := socket.NewListeners(s)
	for _, sock := range s.Sockets {
		k, isNew := h.followSocket(sock, s.Taken)
		if isNew {
			fresh++
		}
		h.place(k, sock, s, &listeners)
	}
	h.followGroups(countGroups(s), s.Taken)
	h.followGauges(s)
	return fresh
}

// place notes what a socket belongs to, and how long it has been left alone,
// for the moment at which it is gone.
func (h *History) place(k *Track, s *socket.Socket, snap *socket.Snapshot, l *socket.Listeners) {
	if k.holder.PID == 0 || !s.HeldBy(k.holder) {
		k.holder = socket.ProcessID{}
		if len(s.Holders) > 0 {
			k.holder = s.Holders[0].Process
		}
		k.population = PopulationOf(s, snap.Process(k.holder), l)
	}
	k.idle, k.age = h.Idle(s), h.Age(s).AtLeast
}

// Now returns the newest snapshot, or nil before the first Add.
func (h *History) Now() *socket.Snapshot { return h.now }

// Looks returns what is kept of every look, oldest first.
func (h *History) Looks() []Look { return h.looks }

// Window returns the time between the first and the newest look; 0 for one.
func (h *History) Window() time.Duration {
	if len(h.looks) < 2 {
		return 0
	}
	return h.looks[len(h.looks)-1].Taken.Sub(h.looks[0].Taken)
}
