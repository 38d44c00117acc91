package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/sockleak/sockleak/internal/live"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// watching is one watch under way.
type watching struct {
	*session
	look  *lookFlags
	lines io.Writer // where the lines go when there is no screen

	history  *track.History
	detailed *socket.Snapshot // the last one with details
	judged   time.Time        // when
	model    live.Model
	screen   *screen // nil without a terminal
	unread   bool    // the terminal or the reader of the lines has gone away
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

// run looks until somebody ends it, the time is over, or the target is gone.
// It fails when not a single look was possible.
func (w *watching) run(ctx context.Context) error {
	ctx, quit := context.WithCancel(ctx)
	defer quit()
	s, ok, err := openScreen(w.env)
	if err != nil {
		return err
	}
	if ok {
		w.screen = s
		defer s.close()
		go s.keys(quit)
		w.show()
	}
	return w.loop(ctx)
}

func (w *watching) loop(ctx context.Context) error {
	resized, stop := notifyResize()
	defer stop()
	begin := w.env.Now()
	for next := begin; ; {
		err := w.tick(ctx)
		switch {
		case w.history.Now() == nil:
			return err
		case ctx.Err() != nil || w.unread:
			return nil
		case err != nil:
			w.history.Now().Gaps = append(w.history.Now().Gaps, lostTarget(err))
			return nil
		}
		next = next.Add(w.look.interval)
		wait := max(0, next.Sub(w.env.Now()))
		if w.look.duration > 0 {
			left := w.look.duration - w.env.Now().Sub(begin)
			if left <= 0 {
				return nil
			}
			wait = min(wait, left)
		}
		if !w.wait(ctx, wait, resized) {
			return nil
		}
	}
}

// wait waits for the next look, and reports whether there is one. Meanwhile
// the page follows the size of the terminal.
func (w *watching) wait(ctx context.Context, d time.Duration, resized <-chan os.Signal) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-t.C:
			return true
		case <-resized:
			if w.screen != nil {
				w.show()
			}
		}
	}
}

// tick takes a look, judges when that is due, and shows what came of it.
func (w *watching) tick(ctx context.Context) error {
	snap, err := w.scanner.Look(ctx, w.targets)
	if err != nil {
		return err
	}
	due := w.look.interval >= judgeEvery || w.judged.IsZero() || snap.Taken.Sub(w.judged) >= judgeEvery
	w.history.Add(snap)
	if due {
		if err := w.detail(ctx, w.history); err != nil && ctx.Err() == nil {
			return err
		} else if err == nil {
			w.detailed, w.judged = snap, snap.Taken
		}
	}
	if w.detailed != snap {
		return nil
	}
	w.model.Add(w.report(w.history))
	w.show()
	return nil
}

// show refreshes the page, or writes a line.
func (w *watching) show() {
	if w.screen == nil {
		_, err := fmt.Fprintln(w.lines, live.Line(&w.model))
		w.unread = err != nil
		return
	}
	opt := live.Options{Color: w.env.color(w.env.Stdout), ASCII: !w.utf8(), Every: w.look.interval}
	opt.Width, opt.Height = w.screen.size()
	w.unread = w.screen.show(live.View(&w.model, opt)) != nil
}

// utf8 reports whether the locale has the characters of a chart; see
// locale(7) for the order.
func (w *watching) utf8() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(w.env.Getenv(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}

// last judges the last sample for the summary.
func (w *watching) last(ctx context.Context) (*report.Report, error) {
	if now := w.history.Now(); w.detailed != now {
		if err := w.detail(ctx, w.history); err != nil {
			return nil, err
		}
	}
	return w.report(w.history), nil
}
