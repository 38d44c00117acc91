package check

import (
	"maps"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// record is what the looks have shown so far.
type record struct {
	judge    func(*track.History) []leak.Finding
	history  *track.History
	findings []leak.Finding // of the newest look
	streaks  map[flagged]streak
	closing  map[socket.ID]int // looks in a row that saw the socket in CLOSE_WAIT
	present  map[socket.ID]int // looks in a row that saw the socket at all
	fds      map[socket.ProcessID][]int
	ended    []lastWord
	looks    int       // with at least one living target
	changed  time.Time // when a look last showed other sockets than the one before, or accused others
	same     int       // looks since then, that one included
}

// flagged is one rule's accusation of one socket.
type flagged struct {
	rule string
	id   socket.ID
}

// streak is how often in a row, and since when, an accusation was made.
type streak struct {
	looks int
	since time.Time
}

// lastWord is what a process that has ended was found to hold at the last
// look at it. The kernel has closed its sockets since; the leak in its code
// remains.
type lastWord struct {
	process  socket.Process
	findings []leak.Finding
}

func newRecord(judge func(*track.History) []leak.Finding) *record {
	return &record{judge: judge, history: track.NewHistory(), streaks: map[flagged]streak{},
		closing: map[socket.ID]int{}, present: map[socket.ID]int{}, fds: map[socket.ProcessID][]int{}}
}

// add takes in the next look.
func (r *record) add(s *socket.Snapshot) {
	if last := r.history.Now(); last != nil {
		r.bury(last, s)
	}
	r.history.Add(s)
	r.looks++
	r.findings = r.judge(r.history)
	streaks := map[flagged]streak{}
	for i := range r.findings {
		f := &r.findings[i]
		for _, sock := range f.Sockets {
			key := flagged{f.Rule, sock.ID()}
			k := r.streaks[key]
			if k.looks == 0 {
				k.since = s.Taken
			}
			k.looks++
			streaks[key] = k
		}
	}
	before, accused := r.present, r.streaks
	r.streaks = streaks
	r.count(s)
	if !sameKeys(before, r.present) || !sameKeys(accused, streaks) {
		r.changed, r.same = s.Taken, 0
	}
	r.same++
}

// steady reports whether the same sockets were open, and accused of the same,
// in two windows of looks and for so long.
func (r *record) steady(d time.Duration) bool {
	return r.same >= confirmLooks && r.history.Now().Taken.Sub(r.changed) >= d
}

func sameKeys[K comparable, V any](a, b map[K]V) bool {
	for k := range a {
		if _, there := b[k]; !there {
			return false
		}
	}
	return len(a) == len(b)
}

// count follows what the limits and the survivors need.
func (r *record) count(s *socket.Snapshot) {
	closing, present := map[socket.ID]int{}, map[socket.ID]int{}
	for _, sock := range s.Sockets {
		id := sock.ID()
		present[id] = r.present[id] + 1
		if sock.State == socket.CloseWait {
			closing[id] = r.closing[id] + 1
		}
	}
	r.closing, r.present = closing, present
	for i := range s.Processes {
		if p := &s.Processes[i]; p.Target && p.FDs >= 0 {
			last := append(r.fds[p.ID], p.FDs)
			r.fds[p.ID] = last[max(0, len(last)-confirmLooks):]
		}
	}
}

// bury keeps what was found at the processes that the new look does not show
// any more.
func (r *record) bury(before, now *socket.Snapshot) {
	for i := range before.Processes {
		p := &before.Processes[i]
		if !p.Target || now.Process(p.ID) != nil {
			continue
		}
		delete(r.fds, p.ID)
		var own []leak.Finding
		for _, f := range r.findings {
			if f.Process != p.ID || f.Level < leak.Suspect {
				continue
			}
			if r.confirmed(&f) == 0 { // too shortly before the end to confirm it
				f.Level = leak.Suspect
			}
			own = append(own, f)
		}
		if len(own) > 0 {
			r.ended = append(r.ended, lastWord{*p, own})
		}
	}
}

// confirmed returns how many of the finding's sockets were accused of the
// same thing in every look of two windows.
func (r *record) confirmed(f *leak.Finding) int {
	n := 0
	for _, s := range f.Sockets {
		if r.streaks[flagged{f.Rule, s.ID()}].looks >= confirmLooks {
			n++
		}
	}
	return n
}

// held returns the identities of the sockets that are open now.
func (r *record) held() map[socket.ID]bool {
	set := make(map[socket.ID]bool, len(r.present))
	for id := range maps.Keys(r.present) {
		set[id] = true
	}
	return set
}

// snapshot returns the newest look, and with it the processes that ended
// with something wrong, so that a report can name them.
func (r *record) snapshot() *socket.Snapshot {
	snap := *r.history.Now()
	snap.Gaps = slices.Clone(snap.Gaps)
	if len(r.ended) == 0 {
		return &snap
	}
	snap.Processes, snap.Sockets = slices.Clone(snap.Processes), slices.Clone(snap.Sockets)
	there := map[*socket.Socket]bool{}
	for _, word := range r.ended {
		snap.Processes = append(snap.Processes, word.process)
		for i := range word.findings {
			for _, s := range word.findings[i].Sockets {
				if !there[s] {
					there[s] = true
					snap.Sockets = append(snap.Sockets, s)
				}
			}
		}
	}
	slices.SortStableFunc(snap.Processes, func(a, b socket.Process) int { return a.ID.PID - b.ID.PID })
	socket.Sort(snap.Sockets)
	return &snap
}
