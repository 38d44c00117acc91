package report

import (
	"fmt"
	"strings"

	"github.com/sockleak/sockleak/internal/words"
)

// SettingsFile is a file that had a say in the judgement: every format names
// it, so that a report that is clean because of a file can be told from one
// that is clean.
type SettingsFile struct {
	Path     string   // as it was named
	Changed  []string // thresholds that differ from the defaults, such as "grace 10s instead of 5s"
	Findings int      // that its entries hid
	Sockets  int      // of those, and of findings that were hidden in part
}

// words says in one clean line what the file did.
func (f *SettingsFile) words() string {
	text := "settings from " + words.Clean(f.Path)
	if len(f.Changed) > 0 {
		text += ": " + words.Clean(strings.Join(f.Changed, ", "))
	}
	if f.Findings+f.Sockets > 0 {
		text += fmt.Sprintf("; hides %s, %s", words.Plural(f.Findings, "finding"), words.Plural(f.Sockets, "socket"))
	}
	return text
}

// settingsLines says what the files did, a line for each.
func settingsLines(r *Report) []string {
	var lines []string
	for i := range r.Settings {
		lines = append(lines, r.Settings[i].words())
	}
	return lines
}

// hiddenWords is what is added to the verdict when a file has hidden something:
// own words and numbers only.
func hiddenWords(r *Report) string {
	findings, sockets := 0, 0
	for i := range r.Settings {
		findings += r.Settings[i].Findings
		sockets += r.Settings[i].Sockets
	}
	switch {
	case findings > 0:
		return "; " + words.Plural(findings, "finding") + " hidden by settings"
	case sockets > 0:
		return "; " + words.Plural(sockets, "socket") + " hidden by settings"
	}
	return ""
}
