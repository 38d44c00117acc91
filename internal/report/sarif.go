package report

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"

	"github.com/sockleak/sockleak/internal/leak"
)

// sarif writes SARIF 2.1.0 for code scanning. A result there is a place in
// the code, so findings without a known place are counted in a notification
// and left to the other formats.
func sarif() Format {
	return Format{
		Name:  "sarif",
		Doc:   "SARIF 2.1.0: the findings with a known line of code",
		Write: writeSARIF,
	}
}

func writeSARIF(w io.Writer, r *Report, _ Options) error {
	run := sarifRun{
		Tool:       sarifTool{Driver: sarifDriver(r)},
		Automation: sarifID{ID: "sockleak/"},
		ColumnKind: "utf16CodeUnits",
		Results:    []sarifResult{},
	}
	index := map[string]int{}
	for i, rule := range run.Tool.Driver.Rules {
		index[rule.ID] = i
	}
	homeless := 0
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Location == nil || f.Location.File == "" {
			homeless++
			continue
		}
		run.Results = append(run.Results, newSARIFResult(r, f, index[f.Rule]))
	}
	run.Invocations = []sarifInvocation{{
		Successful: true, EndTime: r.Snapshot.Taken.Add(r.Snapshot.Duration).UTC(),
		Notifications: sarifNotifications(r, homeless),
	}}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
}

func sarifDriver(r *Report) sarifComponent {
	c := sarifComponent{Name: "sockleak", Version: Clean(r.Version), URI: "https://github.com/sockleak/sockleak"}
	for _, id := range ruleIDs(r) {
		c.Rules = append(c.Rules, sarifRuleOf(r, id))
	}
	return c
}

func sarifRuleOf(r *Report, id string) sarifRule {
	for i := range r.Rules {
		rule := &r.Rules[i]
		if rule.ID != id {
			continue
		}
		return sarifRule{
			ID: id, Short: &sarifText{rule.Title}, Full: textOrNil(rule.Doc.Means), Help: textOrNil(sarifHelp(rule)),
			Default: &sarifDefault{Level: sarifLevel(rule.Severity)},
		}
	}
	return sarifRule{ID: Clean(id)}
}

// sarifHelp is the rule's documentation as plain text, as in explain.
func sarifHelp(rule *leak.Rule) string {
	var parts []string
	for _, p := range []struct{ title, text string }{
		{"Means", rule.Doc.Means}, {"Causes", rule.Doc.Causes}, {"Evidence", rule.Doc.Evidence},
		{"Blind spot", rule.Doc.BlindSpot}, {"Look-alike", rule.Doc.LookAlike}, {"Fix", rule.Remedy.For("")},
	} {
		if p.text != "" {
			parts = append(parts, p.title+": "+p.text)
		}
	}
	return strings.Join(parts, "\n\n")
}

func textOrNil(s string) *sarifText {
	if s == "" {
		return nil
	}
	return &sarifText{s}
}

func newSARIFResult(r *Report, f *leak.Finding, rule int) sarifResult {
	place := sarifPhysical{Artifact: sarifArtifact{URI: fileURI(Clean(f.Location.File))}}
	if f.Location.Line > 0 {
		place.Region = &sarifRegion{StartLine: f.Location.Line}
	}
	return sarifResult{
		RuleID: f.Rule, RuleIndex: rule, Level: sarifLevel(f.Level),
		Message:      sarifText{unlinked(plain(r, f))},
		Locations:    []sarifLocation{{place}},
		Fingerprints: map[string]string{"sockleak/v1": f.Fingerprint(r.Snapshot.Process(f.Process))},
	}
}

// unlinked keeps text from becoming a link: a viewer takes [text](target) in
// a message for one (SARIF 3.11.6).
func unlinked(text string) string { return strings.ReplaceAll(text, "](", "] (") }

// sarifNotifications say what the results do not show.
func sarifNotifications(r *Report, homeless int) []sarifNotification {
	list := []sarifNotification{}
	if homeless > 0 {
		list = append(list, sarifNotification{Level: "note", Message: sarifText{
			leak.Plural(homeless, "finding") + " without a known line of code: see another format"}})
	}
	for _, g := range r.Snapshot.Gaps {
		level := "note"
		if g.Blinds {
			level = "warning"
		}
		list = append(list, sarifNotification{Level: level, Message: sarifText{unlinked("not seen: " + gapWords(g))}})
	}
	return list
}

func sarifLevel(l leak.Level) string {
	switch l {
	case leak.Leak:
		return "error"
	case leak.Suspect:
		return "warning"
	}
	return "note"
}

// fileURI spells a path as RFC 3986 wants it: relative paths stay relative
// to the root of the sources, where code scanning looks for them.
func fileURI(file string) string {
	file = path.Clean(strings.ReplaceAll(file, `\`, "/"))
	u := url.URL{Path: file}
	switch {
	case len(file) > 1 && file[1] == ':': // a Windows drive
		u = url.URL{Scheme: "file", Path: "/" + file}
	case path.IsAbs(file):
		u.Scheme = "file"
	}
	return fmt.Sprint(&u)
}
