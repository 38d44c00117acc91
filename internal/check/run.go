package check

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// Run checks according to the plan. It fails only when not a single look was
// possible; everything else that keeps it from a verdict is a gap of the
// result. When ctx is done it judges what it has seen so far, be that nothing.
func Run(ctx context.Context, p Plan) (*Result, error) {
	r := &run{Plan: p, record: newRecord(func(h *track.History) []leak.Finding { return p.Judge(h, p.Settings) }),
		details: details{ask: p.Detail, now: p.Now}}
	if r.Say == nil {
		r.Say = func(string) {}
	}
	for _, phase := range []func(context.Context) error{r.warmUp, r.exercise, r.settle, r.confirm} {
		if err := phase(ctx); err != nil {
			r.stopped = err
			break
		}
	}
	if r.looks == 0 && r.stopped != nil && !errors.Is(r.stopped, ErrGone) && ctx.Err() == nil {
		return nil, r.stopped
	}
	return r.result(), nil
}

// run is one check under way.
type run struct {
	Plan
	*record
	details   details
	baseline  map[socket.ID]bool
	fdsBefore map[socket.ProcessID]int
	atEnd     map[socket.ID]bool // sockets open when the exercise ended
	confirms  bool               // both windows were looked through
	stopped   error              // what ended the check before its time
}

// look takes one look and then pauses.
func (r *run) look(ctx context.Context) error {
	s, err := r.Look(ctx)
	if err != nil {
		return err
	}
	r.details.add(ctx, s)
	r.add(s)
	if r.baseline != nil {
		r.countFDs(s, false)
	}
	return ctx.Err()
}

// countFDs notes the descriptors that processes start from: at the baseline,
// or at the first look at a process that is younger.
func (r *run) countFDs(s *socket.Snapshot, again bool) {
	for i := range s.Processes {
		p := &s.Processes[i]
		if _, ok := r.fdsBefore[p.ID]; p.Target && p.FDs >= 0 && (again || !ok) {
			r.fdsBefore[p.ID] = p.FDs
		}
	}
}

// phaseShare makes pauses grow with the time that has passed in a phase, so
// that a short one is seen as often as a long one.
const phaseShare = 10

// pause waits until the next look is due, or until is closed.
func (r *run) pause(ctx context.Context, since time.Time, until <-chan struct{}) error {
	d := r.Now().Sub(since) / phaseShare
	t := time.NewTimer(min(max(d, firstPause), r.Every))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-until:
	case <-t.C:
	}
	return nil
}

// warmUp looks until the number of sockets is stable, and takes the baseline.
func (r *run) warmUp(ctx context.Context) error {
	r.fdsBefore = map[socket.ProcessID]int{}
	r.Say("warming up, " + r.WarmUp.String() + " at most")
	begin := r.Now()
	since, last, same := begin, -1, 0
	for {
		if err := r.look(ctx); err != nil {
			return err
		}
		if n := len(r.history.Now().Sockets); n != last {
			since, last, same = r.Now(), n, 0
		}
		same++
		r.baseline = r.held()
		r.countFDs(r.history.Now(), true)
		stable := same >= stableLooks && r.Now().Sub(since) >= r.Every
		if stable || r.Now().Sub(begin) >= r.WarmUp {
			return nil
		}
		if err := r.pause(ctx, begin, nil); err != nil {
			return err
		}
	}
}

// exercise watches while the traffic runs.
func (r *run) exercise(ctx context.Context) error {
	r.Say("watching the exercise")
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	var failed error
	go func() {
		defer close(done)
		failed = r.Exercise(ctx)
	}()
	err := r.watch(ctx, done)
	if err != nil {
		cancel()
	}
	<-done
	r.atEnd = r.held()
	return cmp.Or(err, failed)
}

// watch looks until done is closed.
func (r *run) watch(ctx context.Context, done <-chan struct{}) error {
	begin := r.Now()
	for {
		if err := r.look(ctx); err != nil {
			return err
		}
		if err := r.pause(ctx, begin, done); err != nil {
			return err
		}
		select {
		case <-done:
			return nil
		default:
		}
	}
}

// settle waits until nothing new is left open, or for as long as the plan
// allows. Its time is that of the samples: on a busy machine one may take longer
// than that, and shows no more than the moment at which it was taken.
func (r *run) settle(ctx context.Context) error {
	r.Say("settling, " + r.Settle.String() + " at most")
	begin := r.Now()
	r.details.always = true
	var first time.Time
	for {
		if err := r.look(ctx); err != nil {
			return err
		}
		taken := r.history.Now().Taken
		if first.IsZero() {
			first = taken
		}
		took := taken.Sub(first)
		if r.quiet() || took >= r.Settle || took >= r.Settings.Ripe() && r.proven() {
			return nil
		}
		if err := r.pause(ctx, begin, nil); err != nil {
			return err
		}
	}
}

// quiet reports whether every open socket was there at the baseline.
func (r *run) quiet() bool {
	for id := range r.present {
		if !r.baseline[id] {
			return false
		}
	}
	return true
}

// proven reports whether every new socket has been found leaked for as long
// and as often as it takes: to wait longer would show nothing else.
func (r *run) proven() bool {
	sure := map[socket.ID]bool{}
	for i := range r.findings {
		f := &r.findings[i]
		for _, s := range f.Sockets {
			k := r.streaks[flagged{f.Rule, s.ID()}]
			if f.Level >= leak.Leak && k.looks >= confirmLooks && r.Now().Sub(k.since) >= r.Settings.Ripe()/2 {
				sure[s.ID()] = true
			}
		}
	}
	for id := range r.present {
		if !r.baseline[id] && !sure[id] {
			return false
		}
	}
	return true
}

// confirm looks through two windows. What is accused in every one of these
// looks is no transient.
func (r *run) confirm(ctx context.Context) error {
	if r.Limits == NoLimits() && (r.quiet() || r.proven()) || r.steady(windows*r.Every) {
		r.confirms = true // there is nothing to confirm, or it is done
		return nil
	}
	r.Say("confirming")
	for range confirmLooks {
		if err := r.pause(ctx, time.Time{}, nil); err != nil {
			return err
		}
		if err := r.look(ctx); err != nil {
			return err
		}
	}
	r.confirms = true
	return nil
}
