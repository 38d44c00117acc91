package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/archive"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/scan"
	"github.com/sockleak/sockleak/internal/track"
)

// recordOptions are the flags of record.
type recordOptions struct {
	target targetFlags
	output outputFlags
	judge  judgeFlags
	look   lookFlags
	dir    string
	keep   keepFlags
}

func newRecord(env Env) *cobra.Command {
	var o recordOptions
	cmd := &cobra.Command{
		Use:   "record [PID...]",
		Short: "Look from cron, and store a report that the next run builds on",
		Long: `Look once, or for a while, and store one JSON report in a directory. Runs build
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
		ValidArgsFunction: completePIDs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.dir == "" && !cmd.Flags().Changed("output") {
				return usage("record needs --dir DIRECTORY for its reports, or -o ndjson")
			}
			return runRecord(cmd.Context(), env, &o, args)
		},
	}
	o.target.add(cmd)
	o.look.add(cmd)
	o.judge.add(cmd)
	o.output.add(cmd)
	setDefault(cmd, "fail-on", "never")
	o.output.formats = nil
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
	target, err := o.target.target(args)
	if err != nil {
		return err
	}
	if err := errors.Join(o.look.check(), o.keep.check()); err != nil {
		return err
	}
	if o.output.failOn, err = o.judge.level(); err != nil {
		return err
	}
	outputs, err := o.output.open()
	if err != nil {
		return err
	}
	store, err := openStore(env, o.dir)
	if err != nil {
		return err
	}
	defer store.close()
	scanner, err := scan.New(scan.Options{Source: o.look.source, Now: env.Now, DuplicateDescriptors: o.look.duplicate})
	if err != nil {
		return usage("%w", err)
	}
	defer scanner.Close()
	history, err := store.history(env)
	if err != nil {
		return err
	}
	if err := lookInto(ctx, env, scanner, target, &o.look, history); err != nil {
		return err
	}
	r := judge(history, "record")
	r.Target = targetText(&target)
	if err := errors.Join(store.keep(env, r, o.keep.retention()), o.output.write(env, outputs, r)); err != nil {
		return err
	}
	if o.output.failOn == 0 {
		return nil
	}
	return verdictError(r, o.output.failOn, o.judge.allowPartial)
}

// store is an archive that is locked for this run; nil fields where --dir
// was not given.
type store struct {
	dir    *archive.Dir
	writer *archive.Writer
}

func openStore(env Env, path string) (*store, error) {
	s := &store{}
	if path == "" {
		return s, nil
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	if s.dir, err = archive.Open(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w; create it with 'mkdir -m 0750 %s'", err, path)
	} else if err != nil {
		return nil, err
	}
	if s.writer, err = s.dir.Lock(host, os.Getpid(), env.Now()); err != nil {
		return nil, errors.Join(err, s.dir.Close())
	}
	return s, nil
}

func (s *store) close() {
	if s.writer != nil {
		s.writer.Unlock()
		s.dir.Close()
	}
}

// history returns the history that earlier runs on this boot have begun.
func (s *store) history(env Env) (*track.History, error) {
	if s.writer == nil {
		return track.NewHistory(), nil
	}
	memory, rebuilt, err := s.writer.State()
	if err != nil {
		return nil, err
	}
	if rebuilt != nil {
		fmt.Fprintf(env.Stderr, "sockleak: %s; rebuilt from the reports\n", report.Clean(rebuilt.Error()))
	}
	return track.Resume(memory), nil
}

// keep stores the report and what the next run starts from, and deletes old
// reports. What fails does not keep the rest from being done.
func (s *store) keep(env Env, r *report.Report, keep archive.Retention) error {
	if s.writer == nil {
		return nil
	}
	name, err := s.writer.Write(report.NewDocument(r))
	if name == (archive.Name{}) {
		return err
	}
	if _, tty := terminal(env.Stderr); tty {
		fmt.Fprintf(env.Stderr, "sockleak: wrote %s in %s: %s\n", name, s.dir.Path(), r.Verdict)
	}
	_, pruned := s.writer.Prune(keep, env.Now())
	return errors.Join(err, s.writer.SaveState(r.History.Memory()), pruned)
}

// keepFlags are the flags that say which reports are kept.
type keepFlags struct {
	count int
	age   longDuration
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
	flags.Var(&f.age, "keep-age", "keep reports that are younger, such as 30d or 12h; 0: no limit")
	flags.Var(&f.bytes, "keep-bytes", "keep as many reports as fit, such as 500M or 2G; 0: no limit")
}

func (f *keepFlags) check() error {
	if f.count < 0 {
		return usage("--keep %d: a number of reports cannot be negative", f.count)
	}
	return nil
}

func (f *keepFlags) retention() archive.Retention {
	return archive.Retention{Count: f.count, Age: time.Duration(f.age), Bytes: int64(f.bytes)}
}
