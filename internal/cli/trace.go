package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/opener/attach"
	"github.com/sockleak/sockleak/internal/socket"
)

// traceFlag asks who opens the sockets.
type traceFlag struct{ on bool }

func (f *traceFlag) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.on, "trace", false, "also find the line that opens each socket, from now on (needs CAP_BPF and CAP_PERFMON)")
}

// trace attaches to the targets, from the next sample on. Where that is not
// possible, each sample says why, and is as good as without.
func (s *session) trace(on bool) {
	if !on {
		return
	}
	var err error
	if s.tracer, err = attach.New("/proc"); err != nil {
		s.untraced = []socket.Gap{{Where: "who opens the sockets", Why: err.Error(), Count: 1}}
	}
}

// sampleOnce takes a sample, with who opened the sockets.
func (s *session) sampleOnce(ctx context.Context) (*socket.Snapshot, error) {
	snap, err := s.scanner.Look(ctx, s.targets)
	if err != nil {
		return nil, err
	}
	if s.tracer != nil {
		s.tracer.Annotate(snap)
	}
	snap.Gaps = append(snap.Gaps, s.untraced...)
	return snap, nil
}

// traceOptions are the flags of trace.
type traceOptions struct {
	sessionFlags
	look lookFlags
}

func newTrace(env Env) *cobra.Command {
	var o traceOptions
	cmd := &cobra.Command{
		Use:   "trace [PID...]",
		Short: "Find the line of code that opens what leaks",
		Long: `Attach to processes and note where in their code they open sockets, until --for
is over or Ctrl-C; then judge as scan does, with the line that opened each leaked
socket. It is scan --trace for a minute.

Only what is opened meanwhile has a line. Nothing is stopped and nothing is
changed in the processes; what is loaded into the kernel ends with sockleak.`,
		Example: `  sockleak trace 4242
  sockleak trace --port 8080 --for 10m
  sockleak trace --name 'gunicorn.*api' -o json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runScan(cmd.Context(), env, &scanOptions{sessionFlags: o.sessionFlags, look: o.look, trace: traceFlag{on: true}}, "trace", args)
		},
	}
	o.add(cmd)
	o.look.add(cmd)
	setDefault(cmd, "for", "1m")
	return cmd
}
