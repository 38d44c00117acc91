package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/leak/rules"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/track"
)

// lsOptions are the flags of ls.
type lsOptions struct {
	sessionFlags
	look          lookFlags
	trace         traceFlag
	formats       formatFlag
	columns, sort []string
}

func newLs(env Env) *cobra.Command {
	var o lsOptions
	cmd := &cobra.Command{
		Use:   "ls [TARGET...]",
		Short: "List every socket of processes, with who waits and what is at the other end",
		Long: `List the sockets of processes, healthy ones too, one to a line: descriptor,
state and the time in it, addresses, the local process at the other end,
queues, who waits for it and at which line, and the verdict of scan.

A TARGET is a pid, a port, or the name of a program, a unit or a container.
Where the terminal has no room for a column, it is named on stderr.`,
		Example: `  sockleak ls 4242
  sockleak ls gunicorn --state close_wait --sort -age
  sockleak ls 8080 --columns fd,peer,idle,rx,tx --sort peer
  sockleak ls 4242 --trace --for 30s --columns fd,peer,age,opened
  sockleak ls nginx.service -o tsv | cut -f5 | sort | uniq -c`,
		RunE: func(cmd *cobra.Command, args []string) error { return runLs(cmd.Context(), env, &o, args) },
	}
	o.addInput(cmd)
	o.look.add(cmd)
	o.trace.add(cmd)
	o.formats.add(cmd, []string{"table", "tsv", "json"}, "table")
	flags := cmd.Flags()
	flags.StringSliceVar(&o.columns, "columns", nil, "show these `columns`: "+strings.Join(columnNames(), ", "))
	flags.StringSliceVar(&o.sort, "sort", nil, "sort by these `columns`; a - before one turns it round")
	_ = cmd.RegisterFlagCompletionFunc("columns", completeList(columnHelp))
	_ = cmd.RegisterFlagCompletionFunc("sort", completeList(columnHelp))
	cmd.ValidArgsFunction = completeWith(bareTargets)
	return cmd
}

func runLs(ctx context.Context, env Env, o *lsOptions, args []string) error {
	if o.trace.on && o.look.duration <= 0 {
		return usage("--trace sees what is opened from now on: say how long to wait for that, as in --for 30s")
	}
	if err := errors.Join(o.look.check(), checkColumns("columns", o.columns), checkColumns("sort", o.sort)); err != nil {
		return err
	}
	outputs, err := o.formats.open()
	if err != nil {
		return err
	}
	if err := o.target.meanAll(ctx, env, args, nil); err != nil {
		return err
	}
	s, err := o.open(env, "ls", nil, nil)
	if err != nil {
		return err
	}
	defer s.close()
	s.trace(o.trace.on)
	history := track.NewHistory()
	if err := s.poll(ctx, &o.look, history); err != nil {
		return err
	}
	wants := func(k *socket.Socket) bool { return s.judgement.filter.Wants(history, k) }
	if err := s.detailAll(context.WithoutCancel(ctx), history, wants); err != nil {
		return err
	}
	r := s.report(history, rules.Judge(history, s.judgement.settings))
	list := report.NewList(r, wants, o.columns, o.sort)
	var errs []error
	for i := range outputs {
		errs = append(errs, outputs[i].write(env, func(w io.Writer) error { return s.writeList(w, list, &outputs[i]) }))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	s.talk(r, list)
	return s.verdict(r)
}

// detailAll finds out of all sockets that wants says yes to what detail finds out
// of suspicious ones.
func (s *session) detailAll(ctx context.Context, h *track.History, wants func(*socket.Socket) bool) error {
	ask := rules.Questions(h, s.judgement.settings)
	for _, k := range h.Now().Sockets {
		if !wants(k) {
			continue
		}
		ask.PeerHolders = append(ask.PeerHolders, k)
		if len(k.Holders) > 0 {
			ask.Waiters = append(ask.Waiters, k)
			if len(ask.Stacks) < maxStacks {
				ask.Stacks = append(ask.Stacks, k)
			}
		}
	}
	return s.scanner.Detail(ctx, h.Now(), ask)
}

// writeList writes the list as the destination asks for.
func (s *session) writeList(w io.Writer, list *report.List, d *destination) error {
	switch d.format {
	case "tsv":
		return list.WriteTSV(w)
	case "json":
		return list.WriteJSON(w)
	}
	var opt report.Options
	if d.file == nil {
		opt.Color = s.env.color(s.env.Stdout)
		opt.Width, _ = terminal(s.env.Stdout)
	}
	leftOut, err := list.WriteTable(w, opt)
	if len(leftOut) > 0 {
		defer s.say("no room for the columns " + strings.Join(leftOut, ", ") + "; --columns chooses")
	}
	return err
}

// talk sums up on stderr: what was not seen always, the rest for people.
func (s *session) talk(r *report.Report, list *report.List) {
	for _, g := range r.Snapshot.Gaps {
		s.say("not seen: " + report.GapLine(g))
	}
	if _, tty := terminal(s.env.Stdout); tty {
		s.say(list.Summary())
	}
}

// say writes a clean line to stderr.
func (s *session) say(text string) { fmt.Fprintf(s.env.Stderr, "sockleak: %s\n", text) }

func columnNames() []string {
	var names []string
	for _, c := range report.Columns() {
		names = append(names, c.Name)
	}
	return names
}

// columnHelp is the names for completion, each with what it says.
func columnHelp() []string {
	var list []string
	for _, c := range report.Columns() {
		list = append(list, c.Name+"\t"+c.Doc())
	}
	return list
}

// checkColumns refuses names that are not those of columns.
func checkColumns(flag string, names []string) error {
	for _, name := range names {
		bare := name
		if flag == "sort" {
			bare = strings.TrimPrefix(name, "-")
		}
		if !slices.Contains(columnNames(), bare) {
			return usage("--%s %q: no such column%s; use some of %s", flag, name, didYouMean(bare, columnNames()), strings.Join(columnNames(), ", "))
		}
	}
	return nil
}
