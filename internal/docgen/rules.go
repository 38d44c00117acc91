package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// writeRules writes the page on the rules: one table to compare them by, and
// a section on each with what to change.
func writeRules(w io.Writer, rules []leak.Rule) error {
	var b strings.Builder
	set := leak.Defaults()
	fmt.Fprintf(&b, `<!-- Made by go run ./internal/docgen > docs/rules.md. Do not edit: the texts are in internal/leak. -->
# The rules

Every rule, in the order in which they judge: a socket that one rule explains as a leak or a suspicion is not explained
again by a later one. The same texts, for one rule: `+"`sockleak explain RULE`"+`.

**leak** is proven, and fails a build; **suspect** looks wrong, but could be a pool or a protocol; **note** is context. A
rule gives at most the level in the table. The thresholds are settings: grace (%s), proof (%s), silence (%s) and several (%d).

A rule picks sockets and then asks questions, each answered with yes, no or unknown:

- **spared**: a yes acquits the socket, which is then left to the rules that follow. An unknown does not acquit, but
  caps the finding at suspect; the finding says what is not known.
- **suspected**: where a rule names grounds, one of them must hold, or the rule is silent.
- **proven**: a proof that holds makes a suspicion a leak, if no spare is unknown. An unknown proves nothing.

Sockets are counted by **population**: one kind (family, type, protocol; accepted, opened or listening) of one program,
summed over its worker processes and over all destinations and ports. In brackets behind each question is the program in
`+"`testdata/programs`"+` that shows that it matters.

| rule | at most | what it detects |
|---|---|---|
`, words.Span(set.Grace), words.Span(set.Proof), words.Span(set.Silence), set.Several)
	for _, r := range rules {
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s |\n", r.ID, r.ID, r.Severity, escape(r.Title))
	}
	for _, r := range rules {
		writeRule(&b, r)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeRule(b *strings.Builder, r leak.Rule) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n**Causes.** %s\n\n**Evidence.** %s\n\n", r.ID, escape(r.Doc.Means), escape(r.Doc.Causes), escape(r.Doc.Evidence))
	if r.Via != "" {
		fmt.Fprintf(b, "It is spared and proven as [%s](#%s) is.\n\n", r.Via, r.Via)
	}
	for _, s := range r.Spares {
		if s.Means != "-" {
			fmt.Fprintf(b, "- spared when %s", escape(s.Means))
			if s.Unknown != "-" {
				fmt.Fprintf(b, "; else it may be said: *%s*", escape(s.Unknown))
			}
		} else {
			fmt.Fprintf(b, "- never proven while it must be said: *%s*", escape(s.Unknown))
		}
		fmt.Fprintf(b, " (%s)\n", s.Program)
	}
	for _, p := range r.Grounds {
		fmt.Fprintf(b, "- suspected when %s (%s)\n", escape(p.Means), p.Program)
	}
	for _, p := range r.Proofs {
		fmt.Fprintf(b, "- proven when %s (%s)\n", escape(p.Means), p.Program)
	}
	fmt.Fprintf(b, "\n**Blind spot.** %s\n\n", escape(r.Doc.BlindSpot))
	writeAdvice(b, "", r.Remedy.Any)
	writeAdvice(b, "accepted, ", r.Remedy.Accepted)
	if r.Remedy.Operator != "" {
		fmt.Fprintf(b, "- *a packaged program*: %s\n", escape(r.Remedy.Operator))
	}
}

func writeAdvice(b *strings.Builder, role string, a leak.Advice) {
	for _, rt := range slices.Sorted(maps.Keys(a)) {
		name := string(rt)
		if rt == socket.RuntimeUnknown {
			name = "any"
		}
		fmt.Fprintf(b, "- *%s%s*: %s\n", role, name, escape(a[rt]))
	}
}

// escape keeps what means something to Markdown from doing so, but for the
// backquotes of code and underscores within words.
func escape(text string) string {
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "<", "&lt;", "[", `\[`, "]", `\]`).Replace(text)
}
