package cli

import (
	"context"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/track"
)

// scanOptions are the flags of scan.
type scanOptions struct {
	sessionFlags
	look  lookFlags
	trace traceFlag
	bare  bool // the arguments are words that may mean anything
}

func newScan(env Env) *cobra.Command {
	var o scanOptions
	cmd := &cobra.Command{
		Use:   "scan [PID...]",
		Short: "Sample once, or for a while, and judge",
		Long: `Look at the sockets of processes and say which are leaked or half-closed.

Without a target it looks at every process that it may read. A single
sample shows what the kernel's own timestamps prove; --for samples for longer,
and also shows what grows and what is stuck.`,
		Example: `  sockleak scan 4242
  sockleak scan --name 'gunicorn.*api' --for 30s
  sockleak scan --port 8080 -o json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runScan(cmd.Context(), env, &o, "scan", args)
		},
	}
	o.add(cmd)
	o.look.add(cmd)
	o.trace.add(cmd)
	cmd.Flags().BoolVar(&o.bare, "bare", false, "")
	_ = cmd.Flags().MarkHidden("bare")
	return cmd
}

func runScan(ctx context.Context, env Env, o *scanOptions, command string, args []string) error {
	if err := o.look.check(); err != nil {
		return err
	}
	if o.bare {
		if err := o.target.meanAll(ctx, env, args, commandNames()); err != nil {
			return err
		}
		args = nil
	}
	s, err := o.open(env, command, args, o.expect)
	if err != nil {
		return err
	}
	defer s.close()
	s.trace(o.trace.on)
	history := track.NewHistory()
	found, err := s.sample(ctx, &o.look, history)
	if err != nil {
		return err
	}
	return s.finish(s.report(history, found))
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
