package cli

import (
	"errors"
	"io"
	"os/user"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/report"
)

// outputFlags are the flags that say what is written where.
type outputFlags struct {
	formats  formatFlag
	findings count
	sockets  count
	verbose  bool

	fullCommand bool
}

func (f *outputFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	f.formats.mixed = "github" // its lines are made to stand among others
	f.formats.add(cmd, formatNames(), "table")
	flags.Var(&f.findings, "findings", "show this `number` of findings on the page, or all; without it, as many as fit on a screen")
	flags.Var(&f.sockets, "sockets", "list the sockets of each finding, oldest first: all, or as many as --sockets=`number` says")
	flags.Lookup("sockets").NoOptDefVal = "all"
	flags.BoolVar(&f.fullCommand, "full-command", false, "show command lines whole; without it they are cut, and passwords and tokens masked")
	flags.BoolVarP(&f.verbose, "verbose", "v", false, "say which sources were used, and why others were not")
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
	destination
	format report.Format
}

// open opens every output.
func (f *outputFlags) open() ([]output, error) {
	places, err := f.formats.open()
	var list []output
	for _, d := range places {
		format, _ := report.ByName(d.format) // formatNames has them all
		list = append(list, output{d, format})
	}
	return list, err
}

// userName returns the name of a user of this machine, "" for none.
func userName(uid uint32) string {
	u, err := user.LookupId(strconv.FormatUint(uint64(uid), 10))
	if err != nil {
		return ""
	}
	return u.Username
}

// write writes the report to every output. failOn is the level that fails the
// build, 0 for none. What fails does not keep the rest from being written.
func (f *outputFlags) write(env Env, list []output, r *report.Report, failOn leak.Level) error {
	opt := report.Options{Findings: int(f.findings), Sockets: int(f.sockets), Verbose: f.verbose, FailOn: failOn, RunBy: workflowFile(env.Getenv), User: userName}
	if failOn == 0 {
		opt.FailOn = leak.Leak + 1
	}
	var errs []error
	for i := range list {
		o := &list[i]
		opt.Color, opt.Width = false, 0
		if o.path == "" {
			opt.Color = env.color(env.Stdout)
			opt.Width, _ = terminal(env.Stdout)
		}
		errs = append(errs, o.write(env, func(w io.Writer) error { return o.format.Write(w, r, opt) }))
	}
	return errors.Join(errs...)
}
