package report

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/track"
	"github.com/sockleak/sockleak/internal/words"
)

// sarif writes SARIF 2.1.0 for code scanning. Every finding is a result. Its
// place is the line of code where that is known, else the configuration that
// ran sockleak (Options.RunBy), and always the program as a logical location.
func sarif() Format {
	return Format{
		Name:  "sarif",
		Doc:   "SARIF 2.1.0: a result for every finding",
		Write: writeSARIF,
	}
}

func writeSARIF(w io.Writer, r *Report, opt Options) error {
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
		}
		run.Results = append(run.Results, newSARIFResult(r, f, index[f.Rule], opt.RunBy))
	}
	run.Invocations = []sarifInvocation{{
		Successful: true, EndTime: r.Snapshot.Taken.Add(r.Snapshot.Duration).UTC(),
		Notifications: sarifNotifications(r, homeless, opt.RunBy),
	}}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}})
}

func sarifDriver(r *Report) sarifComponent {
	c := sarifComponent{Name: "sockleak", Version: words.Clean(r.Version), URI: "https://github.com/sockleak/sockleak"}
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
	return sarifRule{ID: words.Clean(id)}
}

// sarifHelp is the rule's documentation as plain text, as in explain.
func sarifHelp(rule *leak.Rule) string {
	var parts []string
	for _, p := range []struct{ title, text string }{
		{"Means", rule.Doc.Means}, {"Causes", rule.Doc.Causes}, {"Evidence", rule.Doc.Evidence},
		{"Blind spot", rule.Doc.BlindSpot}, {"Fix", rule.Remedy.For(nil, track.Other)},
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

func newSARIFResult(r *Report, f *leak.Finding, rule int, runBy string) sarifResult {
	return sarifResult{
		RuleID: f.Rule, RuleIndex: rule, Level: sarifLevel(f.Level),
		Message: sarifText{unlinked(plain(r, f))},
		Locations: []sarifLocation{{
			Physical: sarifPlace(f.Location, runBy),
			Logical:  []sarifLogical{{Name: processName(r.Snapshot, f.Process), Kind: "module"}},
		}},
		Fingerprints: sarifFingerprints(f.Fingerprint(r.Snapshot.Process(f.Process))),
	}
}

// sarifFingerprints has the base by itself: a viewer shall not take for another
// alert what a trace has placed.
func sarifFingerprints(fingerprint string) map[string]string {
	list := map[string]string{"sockleak/v1": leak.BaseFingerprint(fingerprint)}
	if list["sockleak/v1"] != fingerprint {
		list["sockleak/place/v1"] = fingerprint
	}
	return list
}

// sarifPlace is where a viewer shows the result: the line to look at, else the
// first line of what ran sockleak; nil when neither is known.
func sarifPlace(at *leak.Location, runBy string) *sarifPhysical {
	if at == nil || at.File == "" {
		if runBy == "" {
			return nil
		}
		at = &leak.Location{File: runBy, Line: 1}
	}
	place := &sarifPhysical{Artifact: sarifArtifact{URI: fileURI(words.Clean(at.File))}}
	if at.Line > 0 {
		place.Region = &sarifRegion{StartLine: at.Line}
	}
	return place
}

// unlinked keeps text from becoming a link: a viewer takes [text](target) in
// a message for one (SARIF 3.11.6).
func unlinked(text string) string { return strings.ReplaceAll(text, "](", "] (") }

// sarifNotifications say what the results do not show.
func sarifNotifications(r *Report, homeless int, runBy string) []sarifNotification {
	list := []sarifNotification{}
	if homeless > 0 {
		text := "the line of code is not known for " + words.Plural(homeless, "finding")
		if runBy != "" {
			text += ", which point at " + unlinked(words.Clean(runBy)) + " instead"
		} else {
			text += ", which name the program instead"
		}
		list = append(list, sarifNotification{Level: "note", Message: sarifText{text}})
	}
	for _, line := range settingsLines(r) {
		list = append(list, sarifNotification{Level: "note", Message: sarifText{unlinked(line)}})
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
