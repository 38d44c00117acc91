package track

import (
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// ProcessTrack is what is remembered of one process across looks.
type ProcessTrack struct {
	First time.Time // when it was first seen
	FDs   []Point   // its open descriptors, where they could be counted
	// ThreadsFirst is how many threads it had when it was first seen; 0 when
	// that was not known.
	ThreadsFirst int
	fds          series
	cpu          time.Duration
	at           time.Time
	load         float64
	last         int
}

// Process returns what is remembered of a process, or nil.
func (h *History) Process(id socket.ProcessID) *ProcessTrack { return h.procs[id] }

// Load returns the share of one core that the process used between its last
// two looks; ok is false when it was seen only once.
func (p *ProcessTrack) Load() (load float64, ok bool) {
	if p == nil || len(p.FDs) == 0 || p.load < 0 {
		return 0, false
	}
	return p.load, true
}

func (h *History) followProcesses(s *socket.Snapshot) {
	for i := range s.Processes {
		p := &s.Processes[i]
		k := h.procs[p.ID]
		if k == nil {
			k = &ProcessTrack{First: s.Taken, load: -1, ThreadsFirst: p.Threads}
			h.procs[p.ID] = k
		} else if k.last = h.seq; !k.at.Before(s.Taken) {
			continue // a fast poll has not read it again
		} else if wall := s.Taken.Sub(k.at); wall > 0 {
			k.load = float64(p.CPU-k.cpu) / float64(wall)
		}
		k.cpu, k.at, k.last = p.CPU, s.Taken, h.seq
		if p.FDs >= 0 {
			k.addFDs(Point{k.at, p.FDs})
		}
	}
	for id, k := range h.procs {
		if k.last != h.seq {
			delete(h.procs, id)
		}
	}
}

func (p *ProcessTrack) addFDs(pt Point) {
	p.fds.add(pt)
	p.FDs = p.fds.points
}
