package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/leak/rules"
	"github.com/sockleak/sockleak/internal/live"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// watching is one watch under way. Whoever runs it takes the samples and judges
// them; what is shown is handed over as samples that do not change.
type watching struct {
	*session
	look *lookFlags

	history  *track.History
	recorder *live.Recorder
	detailed *socket.Snapshot // the last one with details
	found    []leak.Finding   // in it
	judged   time.Time        // when
	missing  error            // why there is nothing to look at; nil while there is

	restarts bool             // processes that were given by pid are followed too
	asks     chan live.Effect // what the user of a screen asks for; nil without one
	tell     func(string)     // tells him what came of it
	opened   []socket.ID      // sockets that he looks at
}

func newWatching(s *session, look *lookFlags) *watching {
	return &watching{session: s, look: look, history: track.NewHistory(), recorder: live.NewRecorder(s.targets.All())}
}

// talkBeside returns the stream for lines beside the reports: stdout, unless
// a report for programs goes there.
func talkBeside(env Env, outputs []output) io.Writer {
	for _, o := range outputs {
		if o.file == nil && o.destination.format != "table" {
			return env.Stderr
		}
	}
	return env.Stdout
}

// printer returns what shows a sample as a line. It is false when the reader
// has gone away.
func (w *watching) printer(to io.Writer) func(*live.Sample) bool {
	waiting := false
	return func(s *live.Sample) bool {
		if waiting && s.Missing != "" {
			return true // it has been said
		}
		waiting = s.Missing != ""
		_, err := fmt.Fprintln(to, live.Line(s))
		return err == nil
	}
}

// run looks until somebody ends it, the time is over, show says that nobody
// looks at it any more, or the target is gone for good. It fails when not a
// single look was possible.
func (w *watching) run(ctx context.Context, show func(*live.Sample) bool) error {
	begin := w.env.Now()
	for next := begin; ; {
		sample, err := w.tick(ctx)
		if ctx.Err() == nil && err != nil && w.history.Now() != nil {
			sample, err = w.lost(err)
		}
		switch {
		case w.history.Now() == nil:
			return err
		case ctx.Err() != nil || err != nil:
			return nil
		case sample != nil && !show(sample):
			return nil
		}
		// After a stop (Ctrl-Z) nothing is made up for.
		next = next.Add(w.look.interval)
		if now := w.env.Now(); next.Before(now) {
			next = now
		}
		wait := next.Sub(w.env.Now())
		if w.look.duration > 0 {
			left := w.look.duration - w.env.Now().Sub(begin)
			if left <= 0 {
				return nil
			}
			wait = min(wait, left)
		}
		if !w.wait(ctx, wait) {
			return nil
		}
	}
}

// wait waits for the next look, and reports whether there is one. Meanwhile it
// does what the user asks for.
func (w *watching) wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-t.C:
			return true
		case ask := <-w.asks:
			if ask.Do == live.Look {
				w.open(ask.Socket)
				return true
			}
			w.tell(w.save(ctx))
		}
	}
}

// open notes that the user looks at a socket, of which the next sample is to
// tell all.
func (w *watching) open(id socket.ID) { w.opened, w.judged = []socket.ID{id}, time.Time{} }

// tick takes a look, and judges when that is due. The sample is nil when it
// is not.
func (w *watching) tick(ctx context.Context) (*live.Sample, error) {
	snap, err := w.sampleOnce(ctx)
	if err != nil {
		return nil, err
	}
	w.missing = nil
	w.follow(snap)
	due := w.look.interval >= judgeEvery || w.judged.IsZero() || snap.Taken.Sub(w.judged) >= judgeEvery
	w.history.Add(snap)
	if due {
		err := errors.Join(w.judge(ctx), w.askOpened(ctx, snap))
		if err != nil && ctx.Err() == nil {
			return nil, err
		} else if err == nil {
			w.judged = snap.Taken
		}
	}
	if w.detailed != snap {
		return nil, nil
	}
	return w.recorder.Add(w.report(w.history, w.found), w.opened...), nil
}

// judge judges the newest sample.
func (w *watching) judge(ctx context.Context) error {
	found, err := w.detail(ctx, w.history)
	if err == nil {
		w.detailed, w.found = w.history.Now(), found
	}
	return err
}

// askOpened finds out all about the sockets that the user looks at, which he
// sees; the verdict is not given again.
func (w *watching) askOpened(ctx context.Context, snap *socket.Snapshot) error {
	var list []*socket.Socket
	for _, id := range w.opened {
		for _, s := range snap.Sockets {
			if s.ID() == id {
				list = append(list, s)
			}
		}
	}
	if list == nil {
		return nil
	}
	return w.scanner.Detail(ctx, snap, &socket.Questions{Peers: list, PeerHolders: list, Waiters: list, Holders: list, Stacks: list})
}

// last judges the last sample for the summary, in which the end of the target is
// a gap.
func (w *watching) last(ctx context.Context) (*report.Report, error) {
	if now := w.history.Now(); w.missing != nil {
		now.Gaps = append(now.Gaps, lostTarget(w.missing))
	}
	return w.current(ctx)
}

// current reports on the newest sample.
func (w *watching) current(ctx context.Context) (*report.Report, error) {
	switch {
	case w.detailed == w.history.Now():
	case w.missing == nil:
		if err := w.judge(ctx); err != nil {
			return nil, err
		}
	default: // nobody is left to ask
		w.found = rules.Judge(w.history, w.judgement.settings)
	}
	return w.report(w.history, w.found), nil
}
