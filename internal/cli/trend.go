package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/archive"
	"github.com/sockleak/sockleak/internal/caller"
	"github.com/sockleak/sockleak/internal/settings"
	"github.com/sockleak/sockleak/internal/trend"
)

// trendOptions are the flags of trend.
type trendOptions struct {
	dir, since, process, host, failOn string
	formats                           formatFlag
}

func newTrend(env Env) *cobra.Command {
	var o trendOptions
	cmd := &cobra.Command{
		Use:   "trend --dir DIRECTORY",
		Short: "Show what the reports of record tell over time",
		Long: `Read the reports that "sockleak record --dir DIRECTORY" has stored, and show each
finding over time: what is new, what grows, what ended; and the processes that
come near their descriptor limit. Reports that are damaged or of a newer
sockleak are skipped and counted. Reports that have stopped are warned of.

The exit code is 0 unless --fail-on is given: with --fail-on growing it is 3
when a finding above a note grows or descriptors grow towards their limit, and
4 when reports have stopped, so that a cron job can tell somebody.`,
		Example: `  sockleak trend --dir /var/lib/sockleak --since 7d
  sockleak trend --dir /var/lib/sockleak --process '^api$' -o json
  sockleak trend --dir /var/lib/sockleak -o html=report.html
  text=$(sockleak trend --dir /var/lib/sockleak --since 7d --fail-on growing) || echo "$text"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return caller.Do(func() error { return runTrend(env, &o) })
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.dir, "dir", "", "`directory` that keeps the reports")
	flags.StringVar(&o.since, "since", "", "only reports since a `time` such as 24h, 7d, 2026-11-01 or 2026-11-01T12:00:00Z")
	flags.StringVar(&o.process, "process", "", "only processes whose name matches the regular `expression`")
	flags.StringVar(&o.host, "host", "", "reports of this `host` (default: this one, or that of the newest report)")
	flags.StringVar(&o.failOn, "fail-on", "never", "exit with code 3 when something is `growing`; never is the default")
	_ = cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions([]string{"growing", "never"}, cobra.ShellCompDirectiveNoFileComp))
	o.formats.add(cmd, trendFormats(), "table")
	_ = cmd.MarkFlagDirname("dir")
	return cmd
}

func trendFormats() []string {
	var names []string
	for _, f := range trend.Formats() {
		names = append(names, f.Name)
	}
	return names
}

func runTrend(env Env, o *trendOptions) error {
	if o.dir == "" {
		return usage("trend needs --dir DIRECTORY, the one that record writes to")
	}
	opt, err := o.options(env)
	if err != nil {
		return err
	}
	outputs, err := o.formats.open()
	if err != nil {
		return err
	}
	dir, err := archive.Open(o.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w; name the directory that record writes to", err)
	}
	if err != nil {
		return err
	}
	defer dir.Close()
	if opt.Host, err = chooseHost(dir, o.host); err != nil {
		return err
	}
	t, err := trend.Read(dir, opt)
	if err != nil {
		return err
	}
	var errs []error
	for i := range outputs {
		errs = append(errs, writeTrend(env, &outputs[i], t))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return o.verdict(t)
}

// verdict makes the exit code.
func (o *trendOptions) verdict(t *trend.Trend) error {
	switch {
	case o.failOn == "never":
	case len(t.Growing()) > 0:
		return &codeError{code: exitFound}
	case t.Late():
		return &codeError{code: exitUnseen}
	}
	return nil
}

func writeTrend(env Env, d *destination, t *trend.Trend) error {
	var page trend.Page
	if d.file == nil {
		page.Color = env.color(env.Stdout)
		page.Width, _ = terminal(env.Stdout)
	}
	formats := trend.Formats()
	i := slices.IndexFunc(formats, func(f trend.Format) bool { return f.Name == d.format })
	return d.write(env, func(w io.Writer) error { return formats[i].Write(w, t, page) })
}

func (o *trendOptions) options(env Env) (opt trend.Options, err error) {
	if o.failOn != "growing" && o.failOn != "never" {
		return opt, usage("--fail-on %q: use growing or never", o.failOn)
	}
	opt.Now = env.Now()
	if o.process != "" {
		if opt.Process, err = pattern("process", o.process); err != nil {
			return opt, err
		}
	}
	if o.since != "" {
		opt.Since, err = parseSince(o.since, env.Now())
	}
	return opt, err
}

// parseSince parses a time, or how long ago it was.
func parseSince(text string, now time.Time) (time.Time, error) {
	if d, err := settings.ParseDuration(text); err == nil {
		return now.Add(-d), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usage("--since %q: give a time such as 24h, 7d, 2026-11-01 or 2026-11-01T12:00:00Z", text)
}

// chooseHost returns the host that was asked for, this one when it has
// reports, or "" for that of the newest report.
func chooseHost(dir *archive.Dir, asked string) (string, error) {
	if asked != "" {
		return archive.SafeHost(asked), nil
	}
	self, err := os.Hostname()
	if err != nil {
		return "", nil
	}
	names, _, err := dir.Names(archive.SafeHost(self), time.Time{})
	if err != nil || len(names) == 0 {
		return "", err
	}
	return archive.SafeHost(self), nil
}
