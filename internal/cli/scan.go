package cli

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/scan"
	"github.com/sockleak/sockleak/internal/track"
)

// scanOptions are the flags of scan.
type scanOptions struct {
	target targetFlags
	output outputFlags
	judge  judgeFlags
	look   lookFlags
	narrow narrowFlags
}

func newScan(env Env) *cobra.Command {
	var o scanOptions
	cmd := &cobra.Command{
		Use:   "scan [PID...]",
		Short: "Look once, or for a while, and judge",
		Long: `Look at the sockets of processes and say which are leaked or half-closed.

Without a target it looks at every process that it may read. One look proves
what the kernel's own timestamps prove; --for looks longer, and also sees what
grows and what never moves.`,
		Example: `  sockleak scan 4242
  sockleak scan --name 'gunicorn.*api' --for 30s
  sockleak scan --port 8080 -o json`,
		ValidArgsFunction: completePIDs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runScan(cmd.Context(), env, &o, args)
		},
	}
	o.target.add(cmd)
	o.look.add(cmd)
	o.judge.add(cmd)
	o.narrow.add(cmd)
	o.output.add(cmd)
	return cmd
}

func runScan(ctx context.Context, env Env, o *scanOptions, args []string) error {
	target, err := o.target.target(args)
	if err != nil {
		return err
	}
	if err := o.look.check(); err != nil {
		return err
	}
	j, err := o.narrow.judgement()
	if err != nil {
		return err
	}
	failOn, err := o.judge.level()
	if err != nil {
		return err
	}
	o.output.failOn = failOn
	outputs, err := o.output.open()
	if err != nil {
		return err
	}
	scanner, err := scan.New(scan.Options{Source: o.look.source, Now: env.Now, DuplicateDescriptors: o.look.duplicate, Expect: o.expect})
	if err != nil {
		return usage("%w", err)
	}
	defer scanner.Close()
	history, err := look(ctx, env, scanner, target, &o.look)
	if err != nil {
		return err
	}
	r := j.report(history, "scan")
	if err := o.output.write(env, outputs, r); err != nil {
		return err
	}
	return verdictError(r, failOn, o.judge.allowPartial)
}

// For a single look at many descriptors the garbage collector's GOGC is set to
// oneLookGC. Nearly all that a look allocates is kept until the report is
// written: collecting it as it grows finds nothing to free, and costs a tenth of
// the time. With few the heap does not grow, and setting it costs more. The
// collector begins at GOGC percent of 4 MiB, so that 200,000 sockets do without.
const (
	oneLookGC = 2400
	manyFDs   = 2000
)

// expect prepares for a look at so many descriptors, or an unknown number.
func (o *scanOptions) expect(descriptors int) {
	if o.look.duration == 0 && (descriptors < 0 || descriptors >= manyFDs) {
		debug.SetGCPercent(oneLookGC)
	}
}

// judge builds the report of a history by the default thresholds.
func judge(h *track.History, command string) *report.Report {
	j := judgement{settings: leak.Defaults()}
	return j.report(h, command)
}

// look takes looks until the time is over. When it is interrupted, what was
// seen so far is judged.
func look(ctx context.Context, env Env, s *scan.Scanner, t scan.Target, o *lookFlags) (*track.History, error) {
	h := track.NewHistory()
	return h, lookInto(ctx, env, s, t, o, h)
}

// lookInto is look for a history that earlier runs may have begun. It adds to
// the last look what only suspicious sockets are worth.
func lookInto(ctx context.Context, env Env, s *scan.Scanner, t scan.Target, o *lookFlags, h *track.History) error {
	if err := poll(ctx, env, s, t, o, h); err != nil {
		return err
	}
	return s.Detail(context.WithoutCancel(ctx), h.Now(), nil)
}

// poll takes the looks.
func poll(ctx context.Context, env Env, s *scan.Scanner, t scan.Target, o *lookFlags, h *track.History) error {
	begin := env.Now()
	next := begin
	talk := newProgress(env)
	defer talk.done()
	for {
		snap, err := s.Look(ctx, t)
		switch {
		case err == nil:
			h.Add(snap)
		case h.Now() == nil:
			return err
		case ctx.Err() == nil:
			h.Now().Gaps = append(h.Now().Gaps, lostTarget(err))
			return nil
		}
		elapsed := env.Now().Sub(begin)
		if elapsed >= o.duration {
			return nil
		}
		talk.say(fmt.Sprintf("looking: %s of %s", elapsed.Round(time.Second), o.duration))
		next = next.Add(o.interval)
		if !sleep(ctx, min(next.Sub(env.Now()), o.duration-elapsed)) {
			return nil
		}
	}
}

// sleep waits, and reports whether it waited to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
