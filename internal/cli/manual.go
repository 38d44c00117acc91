package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// writeManual writes the command's manual page (section 1) as man(7) roff.
func writeManual(w io.Writer, cmd *cobra.Command, version string) error {
	m := &manual{}
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
	m.line(".TH %s 1 \"\" %q \"User Commands\"", strings.ToUpper(name), "sockleak "+version)
	m.line(".SH NAME")
	m.text(name + " - " + cmd.Short)
	m.line(".SH SYNOPSIS")
	m.line(".B %s", roff(cmd.UseLine()))
	m.line(".SH DESCRIPTION")
	m.paragraphs(cmd.Long + "\n")
	m.options("OPTIONS", cmd.NonInheritedFlags())
	if cmd.Example != "" {
		m.line(".SH EXAMPLES\n.nf")
		for line := range strings.Lines(cmd.Example) {
			m.text(strings.TrimSpace(line))
		}
		m.line(".fi")
	}
	m.items("EXIT STATUS", exitStatus(cmd))
	m.items("ENVIRONMENT", environment())
	if files := manualFiles(cmd); len(files) > 0 {
		m.items("FILES", files)
	}
	m.line(".SH \"SEE ALSO\"")
	var also []string
	if cmd.HasParent() {
		also = append(also, ".BR sockleak (1)")
	}
	for _, sub := range cmd.Commands() {
		if !sub.Hidden && sub.IsAvailableCommand() {
			also = append(also, ".BR sockleak-"+sub.Name()+" (1)")
		}
	}
	m.line("%s", strings.Join(append(also, ".BR ss (8)"), ",\n"))
	_, err := io.WriteString(w, m.b.String())
	return err
}

// manual collects lines of roff.
type manual struct{ b strings.Builder }

func (m *manual) line(format string, args ...any) { fmt.Fprintf(&m.b, format+"\n", args...) }

// text writes a line that is not a request.
func (m *manual) text(s string) { m.line("%s", roff(s)) }

func (m *manual) paragraphs(s string) {
	for i, p := range strings.Split(strings.TrimSpace(s), "\n\n") {
		if i > 0 {
			m.line(".PP")
		}
		for line := range strings.Lines(p) {
			m.text(strings.TrimSpace(line))
		}
	}
}

func (m *manual) options(head string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	m.line(".SH %s", head)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		names := `\fB` + roff("--"+f.Name) + `\fR`
		if f.Shorthand != "" {
			names = `\fB` + roff("-"+f.Shorthand) + `\fR, ` + names
		}
		if value != "" {
			names += ` \fI` + roff(value) + `\fR`
		}
		m.line(".TP\n%s", names)
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "0s" && f.DefValue != "[]" {
			usage += " (default " + f.DefValue + ")"
		}
		m.text(usage)
	})
}

// roff escapes text for groff_man(7): hyphens of options stay hyphens, and no
// line begins with a control character.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}
