package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"
)

// watchOptions are the flags of watch.
type watchOptions struct {
	sessionFlags
	look  lookFlags
	trace traceFlag
}

func newWatch(env Env) *cobra.Command {
	var o watchOptions
	cmd := &cobra.Command{
		Use:   "watch [PID...]",
		Short: "Sample and judge continuously, live",
		Long: `The same as scan, live. On a terminal it is a view to walk through: the verdict,
the states over time, the findings, their sockets, and all about each of them;
? lists the keys, q or Ctrl-C ends it. Elsewhere every judgement is one line, on
stderr when the report that goes to stdout is not for people.

When the processes end, it waits for the next that match: a restart is an event.
At the end the report is written as scan writes it, and the exit code is that
of the last judgement.`,
		Example: `  sockleak watch 4242
  sockleak watch --name 'gunicorn.*api' --every 5s
  sockleak watch --port 8080 --for 10m -o json=leaks.json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runWatch(cmd.Context(), env, &o, args)
		},
	}
	o.add(cmd)
	o.look.add(cmd)
	o.trace.add(cmd)
	cmd.Flags().Lookup("for").Usage = "end after this `duration`; 0 runs until q or Ctrl-C"
	return cmd
}

func runWatch(ctx context.Context, env Env, o *watchOptions, args []string) error {
	if err := o.look.check(); err != nil {
		return err
	}
	s, err := o.open(env, "watch", args, nil)
	if err != nil {
		return err
	}
	defer s.close()
	s.trace(o.trace.on)
	w := newWatching(s, &o.look)
	if hasScreen(env) {
		err = w.onScreen(ctx)
	} else {
		err = w.run(ctx, w.printer(talkBeside(env, s.outputs)))
	}
	if err != nil {
		return err
	}
	r, err := w.last(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	return s.finish(r)
}

// judgeEvery is the shortest time between two judgements: details of
// suspicious sockets cost more than a look.
const judgeEvery = time.Second
