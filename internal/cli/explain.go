package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/check"
	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/leak/rules"
	"github.com/sockleak/sockleak/internal/words"
)

func newExplain(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [RULE]",
		Short: "Explain what a rule means, what causes it and how to fix it",
		Args:  cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var ids []string
			for _, r := range allRules() {
				ids = append(ids, r.ID+"\t"+r.Title)
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listRules(env.Stdout)
			}
			if r, ok := leak.Find(allRules(), args[0]); ok {
				width, _ := terminal(env.Stdout)
				return explainRule(env.Stdout, r, width)
			}
			return usage("unknown rule %q%s; sockleak explain lists them", args[0], didYouMean(args[0], ruleIDs()))
		},
	}
}

// allRules returns the rules that judge every look, those of check, and that
// of the settings file.
func allRules() []leak.Rule {
	return append(append(rules.All(), check.Rules()...), leak.ExpiredIgnore())
}

func listRules(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range allRules() {
		fmt.Fprintf(tw, "%s\t%s\t%s\n", r.ID, r.Severity, r.Title)
	}
	return tw.Flush()
}

// defaultWidth is used where there is no terminal to ask.
const defaultWidth = 80

func explainRule(w io.Writer, r leak.Rule, width int) error {
	if width <= 0 || width > 100 {
		width = defaultWidth
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s (up to level %s)\n%s\n", r.ID, r.Severity, r.Title)
	for _, part := range []struct{ head, text string }{
		{"What it means", r.Doc.Means},
		{"What causes it", r.Doc.Causes},
		{"What the verdict is based on", r.Doc.Evidence},
		{"What it cannot see", r.Doc.BlindSpot},
		{"What it does not report", r.Doc.LookAlike},
	} {
		if part.text != "" {
			section(&b, part.head, part.text, width)
		}
	}
	for _, list := range clauses(&r) {
		section(&b, list.head, "", width)
		for _, text := range list.lines {
			bullet(&b, text, width)
		}
	}
	fmt.Fprintf(&b, "\nHow to fix it\n")
	advice(&b, "", r.Remedy.Any, width)
	advice(&b, "accepted: ", r.Remedy.Accepted, width)
	if r.Remedy.Operator != "" {
		adviceLine(&b, "operator", r.Remedy.Operator, width)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func section(b *strings.Builder, head, text string, width int) {
	fmt.Fprintf(b, "\n%s\n", head)
	if text == "" {
		return
	}
	for _, line := range words.Wrap(text, width-2) {
		fmt.Fprintf(b, "  %s\n", line)
	}
}
