package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/check"
	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/leak/rules"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/words"
)

func newExplain(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [RULE | STATE | SUBJECT]",
		Short: "Explain a rule, a TCP state, or what lies behind both",
		Long: `Explain what a rule means, what causes it and how to fix it in each language; what
a TCP state means and whose move it is; or one of the subjects that leaks come
from. Without an argument it lists them all.`,
		Example: "  sockleak explain close-wait-eof-read\n  sockleak explain CLOSE_WAIT\n  sockleak explain close-and-shutdown",
		Args:    cobra.MaximumNArgs(1),
		ValidArgsFunction: completeWith(func() []string {
			var list []string
			for _, r := range allRules() {
				list = append(list, r.ID+"\t"+r.Title)
			}
			for _, t := range allTopics() {
				list = append(list, t.name+"\t"+t.title)
			}
			return list
		}),
		RunE: func(_ *cobra.Command, args []string) error {
			p := env.prose()
			if len(args) == 0 {
				explainAll(p)
				return p.to(env.Stdout)
			}
			if p.width == 0 {
				p.width = 80
			}
			if err := explain(p, args[0]); err != nil {
				return err
			}
			return p.to(env.Stdout)
		},
	}
}

// explain explains what has the name. A state may be written in any way that
// --state takes; time-wait is a rule, TIME_WAIT the state.
func explain(p *prose, name string) error {
	if r, ok := leak.Find(allRules(), name); ok {
		explainRule(p, r)
		return nil
	}
	state, isState := parseState(name)
	for _, t := range allTopics() {
		if t.name == name || isState && t.name == state.String() {
			explainTopic(p, &t)
			return nil
		}
	}
	names := ruleIDs()
	for _, t := range allTopics() {
		names = append(names, t.name)
	}
	return usage("unknown rule, state or subject %q%s; sockleak explain lists them", name, didYouMean(name, names))
}

// allRules returns the rules that judge every look, those of check, and that
// of the settings file.
func allRules() []leak.Rule {
	return slices.Concat(rules.All(), check.Rules(), []leak.Rule{leak.ExpiredIgnore()})
}

func allTopics() []topic { return slices.Concat(stateTopics(), subjectTopics()) }

// explainAll lists everything that can be explained, in groups.
func explainAll(p *prose) {
	const column = 24
	for i, g := range []struct {
		head  string
		rules []leak.Rule
	}{{"Rules of every command", rules.All()}, {"Rules of check", check.Rules()}, {"Rules of the settings file", []leak.Rule{leak.ExpiredIgnore()}}} {
		if i > 0 {
			p.WriteString("\n")
		}
		p.WriteString(p.paint(words.Bold, g.head) + "\n")
		for _, r := range g.rules {
			p.row(report.LevelColor(r.Severity), fmt.Sprintf("%-*s%s", column, r.ID, r.Severity), column+9, r.Title)
		}
	}
	for _, g := range []struct {
		head   string
		topics []topic
	}{{"States of a connection", stateTopics()}, {"Subjects", subjectTopics()}} {
		p.head(g.head)
		for _, t := range g.topics {
			p.row(words.Cyan, t.name, column, t.title)
		}
	}
}

// explainTopic explains a state or a subject.
func explainTopic(p *prose, t *topic) {
	p.row(words.Bold, t.name, len(t.name)+2, t.title)
	for _, part := range t.parts {
		p.section(part.head, part.text)
	}
	if len(t.rules) > 0 {
		p.head("What sockleak finds of it")
		for _, id := range t.rules {
			if r, ok := rules.ByID(id); ok {
				p.row(report.LevelColor(r.Severity), "  "+r.ID, 26, r.Title)
			}
		}
	}
}
