package check

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// life is one process of the command from its birth (or exec) to its end. Its
// history begins with it, so that what grows does so from birth, and a short
// life is measured by itself.
type life struct {
	id      socket.ProcessID
	process socket.Process       // as last seen
	born    time.Time            // when it was started, or first seen after an exec
	opened  time.Time            // it had no socket of its own until then; zero where it always had
	given   map[socket.ID]bool   // what it held at its first look that was another's
	holds   map[socket.ID]bool   // what it held at its newest look
	served  map[socket.ID]bool   // what came out of accept(), while its listener was seen
	facts   map[socket.ID]detail // of its sockets, from the newest look that asked
	asked   time.Time            // when that was over, or later
	history *track.History
	recent  []*socket.Snapshot // the newest looks, not yet in the history
	due     time.Time          // of the next look

	earliest time.Time // it was not born before
	ending   bool      // its newest look was at its end, or it held nothing there: see empty
	empty    bool      // it held no socket at its end
	exited   time.Time // with empty: when that was
	closing  bool      // its newest look was when the program had ended, before its interpreter closed what was left

	uncut    *socket.Snapshot // the last look before something ended the command
	last     *socket.Snapshot // the very last look, once it has ended
	running  bool             // it was still alive when the check ended
	cut      string           // what ended it, see Command.Cut
	late     time.Duration    // how long a look was overdue when it ended
	pause    time.Duration    // that was meant to pass between the last look and the next
	behind   time.Duration    // how much longer than that it was from the last look to its end: looks take time too
	unseen   time.Duration    // from the last look to its end, at most
	findings []leak.Finding
	open     []*socket.Socket // in the last sample, and nobody can say whether at the end: there is no verdict
}

// closing is how long before its end a process may close what it has held all
// along: an interpreter closes what is left while it shuts down. It is a quarter of
// its life at most.
// burst is how many fewer at a time that shows: one that comes and goes does not.
const (
	closing = 2 * time.Second
	burst   = 2
)

func newLife(id socket.ProcessID, due time.Time) *life {
	return &life{id: id, due: due, history: track.NewHistory(), served: map[socket.ID]bool{}, facts: map[socket.ID]detail{}}
}

// seen reports whether the process was looked at.
func (l *life) seen() bool { return len(l.recent) > 0 }

func (l *life) newest() *socket.Snapshot { return l.recent[len(l.recent)-1] }

// executed reports whether the process runs another program than before.
func (l *life) executed(now *socket.Process) bool {
	return l.seen() && l.process.Exe != now.Exe && l.process.Exe != "" && now.Exe != ""
}

// again begins the life of the program that the process runs now.
func (l *life) again() *life {
	next := newLife(l.id, l.due)
	next.given = l.given
	return next
}

// began is when the process was first heard of.
func (l *life) began() time.Time {
	if l.seen() {
		return l.born
	}
	return l.due
}

// add takes in the next look at the process.
func (l *life) add(v *socket.Snapshot) {
	l.process = *v.Process(l.id)
	if l.born.IsZero() {
		l.born = v.Taken
		if l.given == nil && !l.process.Started.IsZero() && l.process.Started.Before(v.Taken) {
			l.born = l.process.Started
		}
		if l.given == nil && l.born.Before(l.earliest) { // the boot time is known to the second only
			l.born = l.earliest
		}
	}
	if !l.opens(v) {
		l.opened = v.Taken
	}
	l.carry(v)
	l.note(v)
	l.recent = append(l.recent, v)
	for len(l.recent) > 2 && v.Taken.Sub(l.recent[0].Taken) > closing {
		l.remember()
	}
}

// mostServed bounds what is remembered of connections that are closed since.
const mostServed = 10_000

// note notes what the process holds now, and what of that came out of accept().
func (l *life) note(v *socket.Snapshot) {
	listeners := socket.NewListeners(v)
	l.holds = make(map[socket.ID]bool, len(v.Sockets))
	for _, s := range v.Sockets {
		l.holds[s.ID()] = true
		if listeners.Accepted(s) {
			l.served[s.ID()] = true
		}
	}
	if len(l.served) > mostServed {
		maps.DeleteFunc(l.served, func(id socket.ID, _ bool) bool { return !l.holds[id] })
	}
}

// remember moves the oldest of the recent looks into the history.
func (l *life) remember() {
	l.history.Add(l.recent[0])
	l.recent = l.recent[1:]
}

// finish decides by which look the process is judged: the last, or an earlier
// one where what it held then was closed in a burst just before its end.
func (l *life) finish() {
	if l.empty {
		last := *l.newest()
		last.Taken, last.Sockets = l.exited, nil
		l.recent = append(l.recent, &last)
	}
	l.last = l.newest()
	end, held := len(l.recent)-1, len(l.last.Sockets)
	window := min(closing, l.newest().Taken.Sub(l.born)/4)
	if l.ending && (l.closing || !finalizes(l.process.Runtime)) {
		window = 0 // the program itself has closed what was closed before
	}
	for i := len(l.recent) - 1; i >= 0 && window > 0; i-- {
		// On a busy machine the look before the last may be an old one.
		if i < len(l.recent)-2 && l.newest().Taken.Sub(l.recent[i].Taken) > window {
			break
		}
		if n := len(l.recent[i].Sockets); n >= held+burst {
			end, held = i, n
		}
	}
	for range end + 1 {
		l.remember()
	}
	l.recent = nil
}

// finalizes reports whether the interpreter closes what a program has left when
// it shuts down.
func finalizes(r socket.Runtime) bool {
	return r == socket.Python || r == socket.Ruby || r == socket.PHP
}

// opens reports whether the process has opened a socket, now or before.
func (l *life) opens(v *socket.Snapshot) bool {
	if l.seen() && !l.newest().Taken.Equal(l.opened) {
		return true
	}
	return slices.ContainsFunc(v.Sockets, func(s *socket.Socket) bool { return s.HeldBy(l.id) && !l.given[s.ID()] })
}

// lived is how long the process had lived when it was judged, since it opened
// its first socket: what it did before, and how long a busy machine took to start
// it, is no measure for how long it held one.
func (l *life) lived() time.Duration {
	since := l.born
	if l.opened.After(since) {
		since = l.opened
	}
	return l.history.Now().Taken.Sub(since)
}

// detail is what is asked about suspicious sockets only, and not in each look.
type detail struct {
	state socket.State
	recvQ uint32
	watch *socket.Watch
	peer  *socket.Peer
}

// forgetWatches makes unknown who waits for its sockets.
func (l *life) forgetWatches() {
	for id, d := range l.facts {
		d.watch = nil
		l.facts[id] = d
	}
	if l.seen() {
		for _, s := range l.newest().Sockets {
			s.Watch = nil
		}
	}
}

// carry notes the details of a look, and gives its sockets those of an
// earlier one where they were not asked for now and nothing has changed since.
func (l *life) carry(v *socket.Snapshot) {
	facts := make(map[socket.ID]detail, len(l.facts))
	for _, s := range v.Sockets {
		id := s.ID()
		was, known := l.facts[id]
		switch {
		case known && was.state == s.State && was.recvQ == s.RecvQ:
			s.Watch, s.Peer = cmp.Or(s.Watch, was.watch), cmp.Or(s.Peer, was.peer)
		case s.Watch == nil && s.Peer == nil:
			continue
		}
		facts[id] = detail{s.State, s.RecvQ, s.Watch, s.Peer}
	}
	l.facts = facts
}

func sortedLives(lives map[socket.ProcessID]*life) []*life {
	return slices.SortedFunc(maps.Values(lives), func(a, b *life) int {
		return cmp.Or(cmp.Compare(a.id.PID, b.id.PID), cmp.Compare(a.id.Start, b.id.Start))
	})
}
