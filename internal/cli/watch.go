package cli

import (
	"context"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/scan"
	"github.com/sockleak/sockleak/internal/track"
)

// watchOptions are the flags of watch.
type watchOptions struct {
	target targetFlags
	output outputFlags
	judge  judgeFlags
	look   lookFlags
	narrow narrowFlags
}

func newWatch(env Env) *cobra.Command {
	var o watchOptions
	cmd := &cobra.Command{
		Use:   "watch [PID...]",
		Short: "Look and judge again and again, live",
		Long: `The same as scan, live. On a terminal, one page shows the verdict, the TCP states
over time, what came and went, and the findings; q or Ctrl-C ends it. Elsewhere
every judgement is one line, on stderr when the report that goes to stdout is
not for people.

In the end the report is written as scan writes it, and the exit code is that
of the last judgement.`,
		Example: `  sockleak watch 4242
  sockleak watch --name 'gunicorn.*api' --every 5s
  sockleak watch --port 8080 --for 10m -o json=leaks.json`,
		ValidArgsFunction: completePIDs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runWatch(cmd.Context(), env, &o, args)
		},
	}
	o.target.add(cmd)
	o.look.add(cmd)
	cmd.Flags().Lookup("for").Usage = "end after this `duration`; 0 is not before q or Ctrl-C"
	o.judge.add(cmd)
	o.narrow.add(cmd)
	o.output.add(cmd)
	return cmd
}

func runWatch(ctx context.Context, env Env, o *watchOptions, args []string) error {
	target, err := o.target.target(args)
	if err != nil {
		return err
	}
	if err := o.look.check(); err != nil {
		return err
	}
	w := &watching{env: env, look: &o.look, target: target, history: track.NewHistory()}
	if w.judgement, err = o.narrow.judgement(); err != nil {
		return err
	}
	if o.output.failOn, err = o.judge.level(); err != nil {
		return err
	}
	outputs, err := o.output.open()
	if err != nil {
		return err
	}
	w.lines = talkBeside(env, outputs)
	w.scanner, err = scan.New(scan.Options{Source: o.look.source, Now: env.Now, DuplicateDescriptors: o.look.duplicate})
	if err != nil {
		return usage("%w", err)
	}
	defer w.scanner.Close()
	// The signals that would end the process with the terminal as it is.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP, syscall.SIGQUIT)
	defer stop()
	if err := w.run(ctx); err != nil {
		return err
	}
	r, err := w.report(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	if err := o.output.write(env, outputs, r); err != nil {
		return err
	}
	return verdictError(r, o.output.failOn, o.judge.allowPartial)
}

// judgeEvery is the shortest time between two judgements: details of
// suspicious sockets cost more than a look.
const judgeEvery = time.Second
