package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/check"
	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/scan"
	"github.com/sockleak/sockleak/internal/settings"
)

// checkOptions are the flags of check.
type checkOptions struct {
	sessionFlags
	look   lookFlags
	known  knownFlags
	limits check.Limits
	ready  readyFlags
	trace  bool

	exercise  string
	warmUp    time.Duration
	settle    time.Duration
	grace     time.Duration
	timeout   time.Duration
	killAfter time.Duration

	stopAtExit bool

	args      []string // the command after --
	judgement judgement
}

// defaultTimeout ends a suite that hangs before the CI does, which says nothing
// of sockets: GitLab's default is an hour.
const defaultTimeout = 50 * time.Minute

func newCheck(env Env) *cobra.Command {
	o := checkOptions{limits: check.NoLimits()}
	cmd := &cobra.Command{
		Use:   "check [PID... | -- COMMAND [ARG...]]",
		Short: "Judge a test run or a server in CI, by exit code",
		Long: `Give a build a verdict: did this run leave sockets behind?

check -- COMMAND runs a test command, watches it and everything that it
starts, and judges what each process held until its end. check PID watches a
running process while something talks to it, for --for or for as long as
--exercise takes. check --exercise TESTS -- SERVER starts the server, waits
until it listens and is warm, runs the tests, judges, and ends the server.

With --exercise or a PID, sockets that were open at the baseline do not count;
new ones count when they survive --settle and two confirming windows.

The command keeps its standard streams, so reports without =FILE go to
stderr. Exit codes: the command's own when it is not 0; else 0 nothing
found, 3 something found, 4 inconclusive; 124 ended by --timeout, 125 sockleak itself failed,
126 the command is not executable, 127 it was not found, 128+N ended by
signal N.`,
		Example: `  sockleak check -o junit=leaks.xml -- pytest
  sockleak check --exercise 'npm test' -- node server.js
  sockleak check --port 8080 --exercise ./load.sh --max-close-wait 5`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if dash := cmd.ArgsLenAtDash(); dash >= 0 {
				args, o.args = args[:dash], args[dash:]
				if len(o.args) == 0 {
					return usage("no command after --")
				}
			}
			return runCheck(cmd.Context(), env, &o, args)
		},
	}
	o.addFlags(cmd)
	return cmd
}

func (o *checkOptions) addFlags(cmd *cobra.Command) {
	o.add(cmd)
	o.known.add(cmd)
	o.ready.add(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&o.trace, "trace", false, "find the line of code that opens each socket: of a COMMAND without any privilege, at some tens of µs a socket; of running processes with CAP_BPF and CAP_PERFMON")
	flags.StringVar(&o.exercise, "exercise", "", "shell `command` that produces traffic between baseline and verdict")
	durationVar(cmd, &o.look.duration, "for", 30*time.Second, "how long to watch a running target without --exercise")
	durationVar(cmd, &o.look.interval, "every", time.Second, "longest `interval` between samples")
	durationVar(cmd, &o.warmUp, "warmup", 10*time.Second, "maximum time to wait for a stable number of sockets before the baseline")
	durationVar(cmd, &o.settle, "settle", 0, "maximum time to wait for new sockets to be closed after the exercise (default: as long as a proof needs, 10s)")
	durationVar(cmd, &o.grace, "grace", leak.Defaults().Grace, "how long a program may take to close what its peer has closed")
	durationVar(cmd, &o.timeout, "timeout", defaultTimeout, "terminate the command (or --exercise) and everything it started after this time, report what kept it alive, and exit 124; 0: never")
	durationVar(cmd, &o.killAfter, "kill-after", 10*time.Second, "time between SIGTERM and SIGKILL when a command must be ended")
	flags.BoolVar(&o.stopAtExit, "stop-at-exit", true, "stop each process of the command for a moment when it exits, to see what it still holds (ptrace(2)); =false only takes samples")
	flags.IntVar(&o.limits.CloseWait, "max-close-wait", o.limits.CloseWait, "fail when a process ends up with more than `N` sockets in CLOSE_WAIT; -1: no limit")
	flags.IntVar(&o.limits.FDGrowth, "max-fd-growth", o.limits.FDGrowth, "fail when a process ends up with more than `N` descriptors above the baseline; -1: no limit")
}

// validate finds what is wrong with the flags before anything is started.
func (o *checkOptions) validate(t scan.Target) error {
	switch {
	case len(o.args) > 0 && (!t.All() || t.Tree):
		return usage("a command after -- is the target; do not name another (its descendants are watched anyway)")
	case len(o.args) == 0 && t.All():
		return usage("nothing to check: name a PID, --name or --port, or give a command after --")
	}
	if err := o.ready.check(len(o.args) > 0 && o.exercise != ""); err != nil {
		return err
	}
	if o.grace > settings.MaxGrace {
		return usage("--grace %s is too long: the rules could not find anything; use 1h at most", o.grace)
	}
	return o.look.check()
}

// settings returns the thresholds of the rules. Where an exercise has ended
// before the verdict, no slow request can be the reason for a socket any
// more: what outlives the grace period is proof.
func (o *checkOptions) settings() leak.Settings {
	set := o.judgement.settings
	set.Proof = time.Duration(float64(set.Proof) * float64(o.grace) / float64(set.Grace)) // the product of two durations overflows
	set.Grace = o.grace
	if !o.fresh() {
		set.Proof = o.grace
	}
	return set
}

// patience is how long to wait for sockets to be closed: by default until those
// that are not are proof.
func (o *checkOptions) patience() time.Duration {
	if o.narrow.config.cmd.Flags().Changed("settle") {
		return o.settle
	}
	return o.settings().Ripe()*3/2 + time.Second
}

// fresh reports whether the command is itself the test: it is watched from
// its beginning to its end.
func (o *checkOptions) fresh() bool { return len(o.args) > 0 && o.exercise == "" }

func runCheck(ctx context.Context, env Env, o *checkOptions, args []string) error {
	if len(o.args) > 0 {
		env.Stdout = env.Stderr // stdout is the command's own
	}
	target, err := o.target.target(args)
	if err != nil {
		return err
	}
	if err := o.validate(target); err != nil {
		return err
	}
	job := &checkJob{checkOptions: o, env: env, target: target}
	return job.exit(job.check(ctx, args))
}

// check opens everything that it will need, runs the check and reports.
func (j *checkJob) check(ctx context.Context, args []string) error {
	s, err := j.open(j.env, "check", args, nil)
	if err != nil {
		return err
	}
	defer s.close()
	j.scanner, j.judgement = s.scanner, s.judgement
	if !j.narrow.config.cmd.Flags().Changed("grace") {
		j.grace = j.judgement.settings.Grace
	}
	if err := j.known.open(&j.judgement); err != nil {
		return err
	}
	result, err := j.run(ctx)
	if err != nil {
		return err
	}
	r := j.report(result)
	if err := s.write(r); err != nil {
		return err
	}
	if j.known.write {
		return j.known.save(r)
	}
	return s.verdict(r)
}
