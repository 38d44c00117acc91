package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/archive"
)

// recordOptions are the flags of record.
type recordOptions struct {
	sessionFlags
	look  lookFlags
	trace traceFlag
	dir   string
	keep  keepFlags
}

func newRecord(env Env) *cobra.Command {
	var o recordOptions
	cmd := &cobra.Command{
		Use:   "record [PID...]",
		Short: "Sample from cron, and store a report that the next run builds on",
		Long: `Sample once, or for a while, and store one JSON report in a directory. Runs build
on each other: a socket that many runs have seen has an exact age, and what
grows over them is a leak. "sockleak trend" shows what the reports tell.

Use one directory for each set of targets. Hosts may share a directory. Nothing
is printed, unless -o asks for it: "-o ndjson" without --dir writes for a log
shipper, "-o prometheus=FILE.prom" for node_exporter's textfile collector.

The exit code is 0 when the report was stored, whatever it says; --fail-on
changes that.`,
		Example: `  sockleak record --dir /var/lib/sockleak
  sockleak record --name 'gunicorn.*api' --dir /var/lib/sockleak/api --keep-age 30d
  sockleak record -o ndjson`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.dir == "" && !cmd.Flags().Changed("output") {
				return usage("record needs --dir DIRECTORY for its reports, or -o ndjson")
			}
			return runRecord(cmd.Context(), env, &o, args)
		},
	}
	o.add(cmd)
	o.look.add(cmd)
	o.trace.add(cmd)
	setDefault(cmd, "fail-on", "never")
	o.output.formats.specs = nil
	cmd.Flags().Lookup("output").DefValue = "[]"
	cmd.Flags().StringVar(&o.dir, "dir", "", "`directory` that keeps the reports")
	_ = cmd.MarkFlagDirname("dir")
	o.keep.add(cmd)
	return cmd
}

// setDefault gives a flag of a shared set another default.
func setDefault(cmd *cobra.Command, name, value string) {
	f := cmd.Flags().Lookup(name)
	f.DefValue = value
	_ = f.Value.Set(value)
}

func runRecord(ctx context.Context, env Env, o *recordOptions, args []string) error {
	if err := errors.Join(o.look.check(), o.keep.check()); err != nil {
		return err
	}
	s, err := o.open(env, "record", args, nil)
	if err != nil {
		return err
	}
	defer s.close()
	s.trace(o.trace.on)
	store, err := openStore(env, o.dir)
	if err != nil {
		return err
	}
	defer store.close()
	history, err := store.history(env)
	if err != nil {
		return err
	}
	found, err := s.sample(ctx, &o.look, history)
	if err != nil {
		return err
	}
	r := s.report(history, found)
	if err := errors.Join(store.keep(env, r, o.keep.retention()), s.write(r)); err != nil {
		return err
	}
	if s.failOn == 0 {
		return nil
	}
	return s.verdict(r)
}

// keepFlags are the flags that say which reports are kept.
type keepFlags struct {
	count int
	age   time.Duration
	bytes size
}

// The defaults keep a month of reports every five minutes.
const (
	defaultKeepCount = 9000
	defaultKeepBytes = 1 << 30
)

func (f *keepFlags) add(cmd *cobra.Command) {
	f.bytes = defaultKeepBytes
	flags := cmd.Flags()
	flags.IntVar(&f.count, "keep", defaultKeepCount, "keep this `number` of reports of this host; 0: no limit")
	durationVar(cmd, &f.age, "keep-age", 0, "keep reports that are younger, such as 30d or 12h; 0: no limit")
	flags.Var(&f.bytes, "keep-bytes", "keep as many reports as fit, such as 500M or 2G; 0: no limit")
}

func (f *keepFlags) check() error {
	if f.count < 0 {
		return usage("--keep %d: a number of reports cannot be negative", f.count)
	}
	return nil
}

func (f *keepFlags) retention() archive.Retention {
	return archive.Retention{Count: f.count, Age: f.age, Bytes: int64(f.bytes)}
}
