package track

import (
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// Resume returns a history that goes on where an earlier run ended: ages,
// survivors and series continue with the first snapshot that is added.
//
// After a reboot (another boot id, or none) nothing is taken over. What is
// taken over of a socket needs the same identity and one of its holders to
// be the same process; a process that was restarted starts over. When the
// clock was set in between, remembered times are moved by as much, so that
// no age is negative or made up. m may be nil.
func Resume(m *Memory) *History {
	h := NewHistory()
	h.memory = m
	return h
}

// recall takes over what is remembered and fits the first snapshot.
func (h *History) recall(s *socket.Snapshot) {
	m := h.memory
	h.memory = nil
	if m == nil || m.Version != MemoryVersion || m.BootID == "" || m.BootID != s.BootID || len(m.Looks) == 0 {
		return
	}
	r := recaller{History: h, now: s, shift: m.clockShift(s)}
	for _, l := range last(m.Looks) {
		h.looks = append(h.looks, Look{r.at(l.AtMS), max(0, l.Sockets), l.New, l.Gone, l.Blind})
	}
	h.now = &socket.Snapshot{Taken: h.looks[len(h.looks)-1].Taken, BootID: m.BootID}
	h.count = len(h.looks)
	h.seq = len(h.looks) + 1 // above 1: tracks are there already
	for i := range m.Processes {
		r.process(&m.Processes[i])
	}
	r.closingsOf(m.Closings)
	r.sockets(m.Sockets)
}

// maxDrift is how much the start time of a process may differ between two
// runs by rounding: the kernel tells the time of boot in whole seconds.
const maxDrift = 2 * time.Second

// clockShift returns by how much the clock was set since the memory was
// made. The start of a process, counted from boot, does not change: where
// its wall-clock time did, the clock was set. Without such a process only a
// clock that went back can be seen.
func (m *Memory) clockShift(s *socket.Snapshot) time.Duration {
	var shift time.Duration
	for i := range m.Processes {
		then := &m.Processes[i]
		now := s.Process(socket.ProcessID{PID: then.PID, Start: then.Start})
		if now == nil || now.Started.IsZero() || then.StartedMS == 0 {
			continue
		}
		if d := now.Started.Sub(time.UnixMilli(then.StartedMS)); d > maxDrift || d < -maxDrift {
			shift = d
		}
		break
	}
	newest := time.UnixMilli(m.Looks[len(m.Looks)-1].AtMS).Add(shift)
	if newest.After(s.Taken) {
		shift -= newest.Sub(s.Taken)
	}
	return shift
}

// recaller takes over the parts of a memory into a history.
type recaller struct {
	*History
	now   *socket.Snapshot
	shift time.Duration
}

// at turns a remembered time into one of today's clock, never in the future.
func (r *recaller) at(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	t := time.UnixMilli(ms).Add(r.shift)
	if t.After(r.now.Taken) {
		return r.now.Taken
	}
	return t
}

func (r *recaller) process(m *MemoryProcess) {
	id := socket.ProcessID{PID: m.PID, Start: m.Start}
	if r.now.Process(id) == nil {
		return
	}
	fds := resumed(r.points(m.FDs))
	r.procs[id] = &ProcessTrack{First: r.at(m.FirstMS), FDs: fds.points, fds: fds, ThreadsFirst: max(0, m.Threads),
		cpu: time.Duration(m.CPUMS) * time.Millisecond, at: r.History.now.Taken, load: -1, last: r.seq}
}

func (r *recaller) sockets(list []MemorySocket) {
	seen := make(map[socket.ID]*socket.Socket, len(r.now.Sockets))
	for _, s := range r.now.Sockets {
		seen[s.ID()] = s
	}
	for i := range list {
		m := &list[i]
		id := socket.ID{NetNS: m.NetNS, Cookie: m.Cookie, Inode: m.Inode}
		s := seen[id]
		holder := socket.ProcessID{PID: m.PID, Start: m.Start}
		if s == nil {
			r.closedSince(m, holder)
			continue
		}
		if m.FirstMS == 0 || m.SinceMS == 0 || !sameHolder(s, holder) {
			continue
		}
		first, since := r.at(m.FirstMS), r.at(m.SinceMS)
		// An edited memory must not make a socket older than its process.
		if p := r.now.Process(holder); p != nil && first.Before(p.Started) {
			first, since = p.Started, later(since, p.Started)
		}
		r.tracks[id] = &Track{First: first, StateSince: since, Moved: r.at(m.MovedMS),
			Looks: m.Looks, RecvQMin: m.RecvQMin, state: m.State, received: m.Received, acked: m.Acked,
			recvQ: m.RecvQ, sendQ: m.SendQ, last: r.seq, Uses: max(0, m.Uses), moving: m.Moving}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// sameHolder guards against cookies that start over: a network namespace can
// get the inode of one that is gone.
func sameHolder(s *socket.Socket, p socket.ProcessID) bool {
	if p.PID == 0 {
		return len(s.Holders) == 0
	}
	return s.HeldBy(p)
}

// resumed is a series that goes on after the given points.
func resumed(points []Point) series { return series{points: points, stride: 1, filled: 1} }

// points takes over a series. One whose times do not rise was edited.
func (r *recaller) points(list []MemoryPoint) []Point {
	var points []Point
	for _, p := range last(list) {
		at := r.at(p[0])
		if n := len(points); n > 0 && at.Before(points[n-1].At) {
			return nil
		}
		points = append(points, Point{at, int(max(0, p[1]))})
	}
	return points
}
