package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/report"
)

// outputFlags are the flags that say what is written where.
type outputFlags struct {
	formats []string // FORMAT or FORMAT=FILE
	sockets bool
	verbose bool
	failOn  leak.Level // 0 means never; set by the command before write
}

func (f *outputFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVarP(&f.formats, "output", "o", []string{"table"}, "`FORMAT[=FILE]`, repeatable: "+strings.Join(formatNames(), ", "))
	flags.BoolVar(&f.sockets, "sockets", false, "list the sockets of each finding")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "say which sources were used, and why others were not")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formatNames(), cobra.ShellCompDirectiveNoSpace))
}

func formatNames() []string {
	var names []string
	for _, f := range report.Formats() {
		names = append(names, f.Name)
	}
	return names
}

// output is one place where a report goes.
type output struct {
	format report.Format
	path   string // "" is stdout
	file   *os.File
}

// open checks the formats and opens every file at once, so that a file that
// cannot be written is found before the work begins, not after it.
func (f *outputFlags) open() ([]output, error) {
	var list []output
	stdout := 0
	for _, spec := range f.formats {
		name, path, _ := strings.Cut(spec, "=")
		format, ok := report.ByName(name)
		if !ok {
			return nil, usage("unknown format %q; use one of %s", name, strings.Join(formatNames(), ", "))
		}
		o := output{format: format, path: path}
		if path == "" {
			if name != "github" { // its lines are made to stand among others
				stdout++
			}
		} else {
			file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644)
			if err != nil {
				return nil, fmt.Errorf("open the %s output: %w; choose a file that can be written", name, err)
			}
			o.file = file
		}
		list = append(list, o)
	}
	if stdout > 1 {
		return nil, usage("only one output besides github can go to stdout; write the others to files, as in -o json=FILE")
	}
	return list, nil
}

// write writes the report to every output. A reader of stdout that went away
// does not keep the others from being written, and is no error.
func (f *outputFlags) write(env Env, list []output, r *report.Report) error {
	var errs []error
	for _, o := range list {
		opt := report.Options{Sockets: f.sockets, Verbose: f.verbose, FailOn: f.failOn, RunBy: workflowFile(env.Getenv)}
		if f.failOn == 0 {
			opt.FailOn = leak.Leak + 1
		}
		if o.file == nil {
			opt.Color = env.color(env.Stdout)
			opt.Width, _ = terminal(env.Stdout)
			if err := o.format.Write(env.Stdout, r, opt); err != nil && !errors.Is(err, syscall.EPIPE) {
				errs = append(errs, fmt.Errorf("write %s to stdout: %w", o.format.Name, err))
			}
			continue
		}
		if err := o.replace(func(w io.Writer) error { return o.format.Write(w, r, opt) }); err != nil {
			errs = append(errs, fmt.Errorf("write %s to %s: %w", o.format.Name, o.path, err))
		}
	}
	return errors.Join(errs...)
}

// replace gives the file a new content. That it can be written was found out
// when it was opened.
func (o *output) replace(write func(io.Writer) error) error {
	if info, err := o.file.Stat(); err == nil && info.Mode().IsRegular() {
		return errors.Join(o.file.Close(), replaceFile(o.path, write))
	}
	return errors.Join(write(o.file), o.file.Close()) // a pipe or device
}
