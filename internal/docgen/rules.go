package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
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

| rule | at most | what it detects | its evidence | what it cannot see | the healthy look-alike that it must not accuse |
|---|---|---|---|---|---|
`, leak.Span(set.Grace), leak.Span(set.Proof), leak.Span(set.Silence), set.Several)
	for _, r := range rules {
		fmt.Fprintf(&b, "| [%s](#%s) | %s |", r.ID, r.ID, r.Severity)
		for _, text := range []string{r.Title, r.Doc.Evidence, r.Doc.BlindSpot, r.Doc.LookAlike} {
			fmt.Fprintf(&b, " %s |", escape(text))
		}
		b.WriteString("\n")
	}
	for _, r := range rules {
		writeRule(&b, r)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeRule(b *strings.Builder, r leak.Rule) {
	fmt.Fprintf(b, "\n## %s\n\n%s\n\n**Causes.** %s\n\n", r.ID, escape(r.Doc.Means), escape(r.Doc.Causes))
	for _, rt := range slices.Sorted(maps.Keys(r.Remedy)) {
		name := string(rt)
		if rt == socket.RuntimeUnknown {
			name = "any"
		}
		fmt.Fprintf(b, "- *%s*: %s\n", name, escape(r.Remedy[rt]))
	}
}

// escape keeps what means something to Markdown from doing so, but for the
// backquotes of code and underscores within words.
func escape(text string) string {
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "*", `\*`, "<", "&lt;", "[", `\[`, "]", `\]`).Replace(text)
}
