package cli

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/caller"
	"github.com/sockleak/sockleak/internal/words"
)

// Main runs the program with the arguments that follow its name and returns
// its exit code.
func Main(args []string, env Env) int {
	if err := room(); err != nil {
		fmt.Fprintf(env.Stderr, "sockleak: %v\n", err)
		return exitFailed
	}
	if caller.SetID() {
		fmt.Fprintln(env.Stderr, "sockleak: the program must not be set-user-ID or set-group-ID: it starts commands and writes files; "+
			"chmod ug-s, and give the file capabilities as sockleak doctor says")
		return exitFailed
	}
	// A reader that goes away must not cut off the other outputs: the write
	// returns EPIPE instead.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := interruptible()
	defer stop()
	err := newRoot(env, args).ExecuteContext(ctx)
	if errors.Is(err, context.Canceled) {
		err = &codeError{exitFailed, errors.New("interrupted before the first sample was complete: nothing was judged; run it again")}
	}
	if err != nil && !silent(err) {
		fmt.Fprintf(env.Stderr, "sockleak: %s\n", words.Clean(strings.TrimSpace(err.Error())))
	}
	return codeOf(err)
}

// silent reports whether nothing is to be said about an error: the report
// has said it, or nobody reads any more.
func silent(err error) bool {
	var coded *codeError
	return errors.As(err, &coded) && coded.err == nil || errors.Is(err, syscall.EPIPE)
}

// newRoot returns the program for the arguments. Where they begin with the name
// of a command, that is the only one that it has: making the others with all
// their flags takes longer than some looks do. Where they begin with another word,
// that is a target, and the command is scan.
func newRoot(env Env, args []string) *cobra.Command {
	env.colors = new(colorMode)
	*env.colors = colorAuto
	root := &cobra.Command{
		Use:   "sockleak [TARGET | COMMAND]",
		Short: "Find leaked and half-closed sockets of a process",
		Long: `sockleak tells which sockets of a process are leaked or half-closed, since
when, why, and what to change in the code.

A TARGET is a port, a pid, or the name of a program, a systemd unit or a container:
sockleak 8080 and sockleak nginx scan what is meant, and say how it was
understood. All that scan takes can follow.

Exit codes: 0 nothing found, 1 sockleak failed, 2 usage, 3 found something at
or above --fail-on, 4 inconclusive: not enough was visible.`,
		Version:       buildOf().text(),
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(flagError)
	env.addColor(root)
	env.addHelp(root)
	if len(args) > 0 && isTarget(args[0]) {
		args = append([]string{"scan", "--bare"}, args...)
	}
	root.SetArgs(args)
	list := commands()
	if i := slices.IndexFunc(list, func(c command) bool { return len(args) > 0 && c.name == args[0] }); i >= 0 {
		list = list[i : i+1]
		root.CompletionOptions.DisableDefaultCmd = true
	}
	for _, c := range list {
		root.AddCommand(c.make(env))
	}
	root.ValidArgsFunction = completeWith(bareTargets)
	completions(root)
	root.InitDefaultCompletionCmd()
	usageErrors(root)
	return root
}

// isTarget reports whether the first argument is neither a flag nor the name of
// a command, cobra's own included.
func isTarget(arg string) bool {
	own := []string{"help", "completion", cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd}
	return !strings.HasPrefix(arg, "-") && !slices.Contains(own, arg) && !slices.Contains(commandNames(), arg)
}

func commandNames() []string {
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	return names
}

// command is a command by name, and how it is made.
type command struct {
	name string
	make func(Env) *cobra.Command
}

// commands returns every command, in the order in which help shows them.
func commands() []command {
	return []command{
		{"scan", newScan},
		{"ls", newLs},
		{"trace", newTrace},
		{"watch", newWatch},
		{"check", newCheck},
		{"record", newRecord},
		{"trend", newTrend},
		{"serve", newServe},
		{"explain", newExplain},
		{"doctor", newDoctor},
		{"schema", newSchema},
		{"version", newVersion},
		{"demo", newDemo},
		{"demo-leaker", newDemoLeaker},
		{"package-files", newPackageFiles},
	}
}

// usageErrors makes wrong arguments errors of usage, for all commands.
func usageErrors(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usage("%w; %s --help shows the usage", err, cmd.CommandPath())
			}
			return nil
		}
	}
	if cmd.HasSubCommands() && !cmd.Runnable() {
		// Only what can be run has its arguments checked by cobra.
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	for _, sub := range cmd.Commands() {
		usageErrors(sub)
	}
}
