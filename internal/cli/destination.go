package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/atomicfile"
)

// formatFlag is -o of every command: FORMAT or FORMAT=FILE, repeatable.
type formatFlag struct {
	specs []string
	names []string // the formats that the command has
	mixed string   // one that may share stdout with another, "" for none
}

func (f *formatFlag) add(cmd *cobra.Command, names []string, byDefault ...string) {
	f.names, f.specs = names, byDefault
	cmd.Flags().StringArrayVarP(&f.specs, "output", "o", byDefault, "`FORMAT[=FILE]`, repeatable: "+strings.Join(names, ", "))
	cmd.Flags().Lookup("output").DefValue = strings.Join(byDefault, ",")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoSpace))
}

// destination is one place where a format goes.
type destination struct {
	format string
	path   string           // of a file, or a collector's URL; "" is stdout
	file   *atomicfile.File // nil where it is not a file
}

// open checks the formats and opens every file at once, so that a file that
// cannot be written is found before the work begins, not after it.
func (f *formatFlag) open() ([]destination, error) {
	var list []destination
	stdout := 0
	for _, spec := range f.specs {
		name, path, hasFile := strings.Cut(spec, "=")
		d := destination{format: strings.ToLower(name), path: path}
		switch {
		case !slices.Contains(f.names, d.format):
			return nil, usage("-o %s: unknown format %q%s; use one of %s", spec, name, didYouMean(name, f.names), strings.Join(f.names, ", "))
		case isURL(path) && d.format != "otlp":
			return nil, usage("-o %s: only otlp can be sent to a collector; name a file", spec)
		case hasFile && path == "":
			return nil, usage("-o %s: no file after =; leave = out to write to stdout", spec)
		case !hasFile && d.format != f.mixed:
			stdout++
		}
		list = append(list, d)
	}
	switch {
	case stdout > 1 && f.mixed != "":
		return nil, usage("only one output besides %s can go to stdout; write the others to files, as in -o json=FILE", f.mixed)
	case stdout > 1:
		return nil, usage("only one output can go to stdout; write the others to files, as in -o json=FILE")
	}
	for i := range list {
		d := &list[i]
		if d.path == "" || isURL(d.path) {
			continue
		}
		var err error
		if d.file, err = atomicfile.Open(d.path); err != nil {
			return nil, fmt.Errorf("open the %s output: %w; choose a file that can be written", d.format, err)
		}
	}
	return list, nil
}

// write writes to the file, sends to the collector, or writes to stdout. A reader of stdout that went away is
// no error.
func (d *destination) write(env Env, write func(io.Writer) error) error {
	if d.file != nil {
		if err := d.file.Replace(write); err != nil {
			return fmt.Errorf("write %s to %s: %w", d.format, d.path, err)
		}
		return nil
	}
	if isURL(d.path) {
		if err := post(env, d.path, write); err != nil {
			return fmt.Errorf("send %s: %w; see whether a collector listens there", d.format, err)
		}
		return nil
	}
	out := bufio.NewWriter(env.Stdout)
	if err := errors.Join(write(out), out.Flush()); err != nil && !errors.Is(err, syscall.EPIPE) {
		return fmt.Errorf("write %s to stdout: %w", d.format, err)
	}
	return nil
}
