package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/scan"
	"github.com/sockleak/sockleak/internal/socket"
)

// lookFlags are the flags that say how often and for how long samples are
// taken.
type lookFlags struct {
	duration time.Duration
	interval time.Duration
}

func (f *lookFlags) add(cmd *cobra.Command) {
	durationVar(cmd, &f.duration, "for", 0, "sample for this `duration`, to see what grows and what is stuck")
	durationVar(cmd, &f.interval, "every", time.Second, "`interval` between samples")
}

func (f *lookFlags) check() error {
	if f.interval <= 0 {
		return usage("--every %s: an interval must be above zero", f.interval)
	}
	return nil
}

// sourceFlags are the flags that say what is asked for facts.
type sourceFlags struct {
	name      string
	duplicate bool
	noStacks  bool
}

func (f *sourceFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.name, "source", "", "use only this `source` of facts (sockleak doctor lists them)")
	flags.BoolVar(&f.noStacks, "no-stacks", false, "do not read the targets' memory; no line of code can be named then")
	flags.BoolVar(&f.duplicate, "duplicate-descriptors", false,
		"duplicate a descriptor of the target for microseconds where nothing else identifies its socket")
	_ = cmd.RegisterFlagCompletionFunc("source", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var names []string
		for _, s := range scan.SourceNames() {
			names = append(names, s.Name+"\t"+s.Why)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	})
}

// judgeFlags are the flags that say what makes the exit code.
type judgeFlags struct {
	failOn       string
	allowPartial bool
}

func (f *judgeFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.failOn, "fail-on", "leak", "exit 3 if any finding is at or above this `level`: leak, suspect, note or never")
	flags.BoolVar(&f.allowPartial, "allow-partial", false, "exit 0 instead of 4 when not everything could be seen")
	_ = cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions(failOnLevels(), cobra.ShellCompDirectiveNoFileComp))
}

func failOnLevels() []string { return []string{"leak", "suspect", "note", "never"} }

// level returns the level from which on a finding fails; 0 means never.
func (f *judgeFlags) level() (leak.Level, error) {
	if f.failOn == "never" {
		return 0, nil
	}
	level, ok := leak.ParseLevel(f.failOn)
	if !ok {
		return 0, usage("--fail-on %q: use leak, suspect, note or never%s", f.failOn, didYouMean(f.failOn, failOnLevels()))
	}
	return level, nil
}

// lostTarget is the gap for a target that vanished between two samples.
func lostTarget(err error) socket.Gap {
	return socket.Gap{Where: "the rest of the time", Why: err.Error(), Count: 1, Blinds: true}
}
