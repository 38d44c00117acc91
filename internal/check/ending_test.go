package check_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockleak/sockleak/internal/check"
	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// exits holds the processes of a play at their ends until they were looked at.
type exits struct {
	mu    sync.Mutex
	ended map[int]bool // by pid; true once it was let go
}

func (e *exits) holds(pid int) bool {
	if e == nil {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return !e.ended[pid]
}

func (e *exits) release(pid int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended[pid] = true
}

// of returns the endings of the play, which tells of those without sockets that
// nothing needs to be looked at.
func (e *exits) of(p *play) <-chan check.Ending {
	e.ended = map[int]bool{}
	came := make(chan check.Ending, 100)
	for _, a := range p.cast {
		if a.to == always {
			continue
		}
		open := false
		for _, act := range a.acts {
			open = open || act.from < a.to && (act.to == always || act.to >= a.to)
		}
		time.AfterFunc(a.to, func() {
			ending := check.Ending{ID: socket.ProcessID{PID: a.pid, Start: 7}, At: time.Now()}
			if open {
				ending.Release = func() { e.release(a.pid) }
			}
			came <- ending // told before it goes on
			if !open {
				e.release(a.pid)
			}
		})
	}
	return came
}

// TestEndings: what a process holds at its end is known, however short it was
// and however busy the machine.
func TestEndings(t *testing.T) {
	const sec, msec = time.Second, time.Millisecond
	half := func(from, to time.Duration) []act { return hold(5, 1, socket.CloseWait, from, to) }
	sh := actor{pid: 40, name: "sh", to: 9 * sec}
	for name, tc := range map[string]struct {
		cast []actor
		busy [2]time.Duration
		want string
	}{
		"a tenth of a second":              {[]actor{sh, {pid: 42, name: "t", from: 3 * sec, to: 3100 * msec, acts: half(3020*msec, always)}}, [2]time.Duration{}, "leak:test"},
		"that nobody has seen before":      {[]actor{sh, {pid: 42, name: "t", from: 3010 * msec, to: 3100 * msec, acts: half(3020*msec, always)}}, [2]time.Duration{3 * sec, 3500 * msec}, "suspect:left-open"},
		"closed by the peer just before":   {[]actor{sh, {pid: 42, name: "t", from: 6 * sec, to: 7100 * msec, acts: half(6300*msec, always)}}, [2]time.Duration{6360 * msec, 7200 * msec}, "leak:test"},
		"opened just before":               {[]actor{sh, {pid: 42, name: "t", from: 6 * sec, to: 7 * sec, acts: hold(2, 1, socket.Listen, 6990*msec, always)}}, [2]time.Duration{}, "suspect:left-open"},
		"closed just before":               {[]actor{sh, {pid: 42, name: "t", from: 6 * sec, to: 7 * sec, acts: hold(2, 1, socket.Listen, 6900*msec, 6999*msec)}}, [2]time.Duration{}, ""},
		"nothing, while nobody could look": {[]actor{sh, {pid: 42, name: "t", from: 6 * sec, to: 8 * sec}}, [2]time.Duration{6010 * msec, 8500 * msec}, ""},
		"closed by an interpreter":         {[]actor{sh, {pid: 42, name: "t", from: 6 * sec, to: 8 * sec, runtime: socket.Python, acts: half(6100*msec, 7990*msec)}}, [2]time.Duration{}, "leak:test"},
		"closed by the program":            {[]actor{sh, {pid: 42, name: "t", from: 6 * sec, to: 8 * sec, runtime: socket.Go, acts: half(6100*msec, 7990*msec)}}, [2]time.Duration{}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := play{cast: tc.cast, busy: tc.busy, exact: &exits{}}
				res := p.follow(t)
				if got := rules(res); got != tc.want {
					t.Errorf("findings %q, want %q", got, tc.want)
				}
				if len(res.Snapshot.Gaps) > 0 {
					t.Errorf("gaps %+v", res.Snapshot.Gaps)
				}
			})
		})
	}
}

// TestEndingIsTheOnlyLook: a command of a millisecond is judged.
func TestEndingIsTheOnlyLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := play{cast: []actor{{pid: 42, name: "t", from: time.Millisecond, to: 2 * time.Millisecond, acts: hold(1, 1, socket.Listen, 0, always)}}, exact: &exits{}}
		if res := p.follow(t); rules(res) != "suspect:left-open" || res.Snapshot.Blind() {
			t.Errorf("findings %q, gaps %+v", rules(res), res.Snapshot.Gaps)
		}
	})
}

// TestInterpreterCloses: what an interpreter closes when it shuts down was held until
// then, and what it does later is not looked at.
func TestInterpreterCloses(t *testing.T) {
	const sec, msec = time.Second, time.Millisecond
	for name, tc := range map[string]struct {
		closed time.Duration // by the program
		want   string
	}{
		"it closes them":          {7990 * msec, "suspect:left-open"},
		"the program closes them": {7980 * msec, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				python := actor{pid: 42, name: "t", from: 6 * sec, to: 8500 * msec, runtime: socket.Python, acts: hold(2, 1, socket.Established, 6100*msec, tc.closed)}
				p := play{cast: []actor{{pid: 40, name: "sh", to: 9 * sec}, python}, exact: &exits{}}
				res := p.follow(t, func(c *check.Command) {
					endings := c.Endings
					both := make(chan check.Ending, 100)
					c.Endings = both
					time.AfterFunc(7985*msec, func() {
						both <- check.Ending{ID: socket.ProcessID{PID: 42, Start: 7}, At: time.Now(), Closing: true, Release: func() {}}
					})
					go func() {
						for range p.cast {
							both <- <-endings
						}
					}()
				})
				if got := rules(res); got != tc.want {
					t.Errorf("findings %q, want %q", got, tc.want)
				}
			})
		})
	}
}

// TestWatchedAtTheEnd: when a process has begun to end its threads are gone, and
// that nobody waits proves nothing.
func TestWatchedAtTheEnd(t *testing.T) {
	const msec = time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		p := play{cast: []actor{{pid: 42, name: "t", to: 2000 * msec, acts: hold(5, 1, socket.CloseWait, 100*msec, always)}}, busy: [2]time.Duration{1950 * msec, 2100 * msec}, exact: &exits{}}
		asked, known := false, false
		p.follow(t, func(c *check.Command) {
			look := c.Look
			c.Look = func(ctx context.Context, list []socket.ProcessID) (*socket.Snapshot, error) {
				snap, err := look(ctx, list)
				if err == nil && !asked && time.Since(p.begin) >= 2050*msec { // it began before the end
					asked = true
					for _, s := range snap.Sockets {
						s.Watch = &socket.Watch{}
					}
				}
				return snap, err
			}
			c.Judge = func(h *track.History, set leak.Settings) []leak.Finding {
				for _, s := range h.Now().Sockets {
					known = known || s.Watch != nil
				}
				return nil
			}
		})
		if known {
			t.Error("it was judged by who waited after its end")
		}
	})
}
