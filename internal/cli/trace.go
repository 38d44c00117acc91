package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/opener"
	"github.com/sockleak/sockleak/internal/opener/attach"
	"github.com/sockleak/sockleak/internal/socket"
)

// traceFlag asks who opens the sockets.
type traceFlag struct{ on bool }

func (f *traceFlag) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.on, "trace", false, "also find the line that opens each socket, from now on (needs CAP_BPF and CAP_PERFMON)")
}

// lines is how the lines that open sockets are found.
type lines struct {
	tracer  opener.Tracer // nil without --trace, and where it cannot be done
	missing string        // why it cannot be done
}

// attach traces processes that run already, from the next sample on. Where that
// is not possible, each sample says why, and is as good as without.
func (l *lines) attach() {
	tracer, err := attach.New("/proc")
	if err != nil {
		l.missing = err.Error()
		return
	}
	l.tracer = tracer
}

// close ends the trace.
func (l *lines) close() {
	if l.tracer != nil {
		_ = l.tracer.Close() // nothing of it stays behind that could be lost
	}
}

// asked reports whether anybody wants to know them.
func (l *lines) asked() bool { return l.tracer != nil || l.missing != "" }

// annotate tells of each socket of a snapshot who has opened it.
func (l *lines) annotate(s *socket.Snapshot) {
	switch {
	case l.tracer != nil:
		l.tracer.Annotate(s)
	case l.missing != "":
		s.Gaps = append(s.Gaps, socket.Gap{Where: "the lines that opened the sockets", Why: l.missing, Count: 1})
	}
}

// trace attaches to the targets where that was asked for.
func (s *session) trace(on bool) {
	if on {
		s.lines.attach()
	}
}

// sampleOnce takes a sample, with who opened the sockets.
func (s *session) sampleOnce(ctx context.Context) (*socket.Snapshot, error) {
	snap, err := s.scanner.Look(ctx, s.targets)
	if err != nil {
		return nil, err
	}
	s.lines.annotate(snap)
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
