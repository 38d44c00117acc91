package report

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/words"
)

// github writes workflow commands, which a GitHub runner turns into
// annotations: https://docs.github.com/actions/reference/workflow-commands
func github() Format {
	return Format{
		Name:  "github",
		Doc:   "annotations of a GitHub Actions step",
		Write: writeGitHub,
	}
}

// A runner keeps 10 annotations of each kind for a step and cuts messages at
// 4096 UTF-16 units (actions/runner, ExecutionContext.cs).
const (
	githubPerKind = 10
	githubMessage = 4096
)

type annotation struct {
	kind    string // error, warning or notice
	title   string
	message string
	at      *leak.Location
}

func writeGitHub(w io.Writer, r *Report, opt Options) error {
	out := bufio.NewWriter(w)
	byKind := map[string][]annotation{}
	for _, a := range annotations(r, opt) {
		byKind[a.kind] = append(byKind[a.kind], a)
	}
	for _, kind := range []string{"error", "warning", "notice"} {
		list := byKind[kind]
		if more := len(list) - githubPerKind; more > 0 {
			list = append(list[:githubPerKind-1:githubPerKind-1], annotation{kind: kind, title: "sockleak",
				message: "and " + words.Plural(more+1, kind) + " more; GitHub shows " + strconv.Itoa(githubPerKind) + " for a step"})
		}
		for _, a := range list {
			_, _ = out.WriteString(a.command() + "\n")
		}
	}
	// Own words and numbers only: a line that is no command must not become one.
	_, _ = out.WriteString("sockleak: " + verdictLine(r) + "\n")
	return out.Flush()
}

// annotations returns one for each finding, and one for what hid the rest.
func annotations(r *Report, opt Options) []annotation {
	var list []annotation
	if why := notJudged(r); why != "" {
		list = append(list, annotation{kind: "warning", title: "sockleak could not see everything", message: why})
	}
	for _, line := range settingsLines(r) {
		list = append(list, annotation{kind: "notice", title: "sockleak settings", message: line})
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		kind := "notice"
		switch {
		case opt.fails(f):
			kind = "error"
		case f.Level >= leak.Suspect:
			kind = "warning"
		}
		list = append(list, annotation{kind, "sockleak: " + f.Level.String() + ": " + f.Rule, plain(r, f), f.Location})
	}
	return list
}

// command spells the annotation in one line: ::kind key=value,...::message.
func (a annotation) command() string {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	props := "title=" + property.Replace(words.Clean(a.title))
	if a.at != nil {
		props += ",file=" + property.Replace(words.Clean(a.at.File))
		if a.at.Line > 0 {
			props += ",line=" + strconv.Itoa(a.at.Line)
		}
	}
	return "::" + a.kind + " " + props + "::" + data.Replace(cutUTF16(a.message, githubMessage))
}

// cutUTF16 shortens s to at most limit UTF-16 units.
func cutUTF16(s string, limit int) string {
	if len(s) <= limit { // a byte is at least as long as a unit
		return s
	}
	units, end := 0, 0
	for i, r := range s {
		units += utf16.RuneLen(r)
		if units < limit {
			end = i + len(string(r))
		}
	}
	if units <= limit {
		return s
	}
	return s[:end] + "…"
}
