package report

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sockleak/sockleak/internal/words"
)

// checkers hold what must be true of a format's output whatever the text of
// other processes says. A format without one is held to the general rule only.
func checkers() map[string]func(t *testing.T, out []byte) {
	return map[string]func(t *testing.T, out []byte){
		"json":        jsonParses,
		"otlp":        jsonParses,
		"ndjson":      ndjsonParses,
		"sarif":       sarifHolds,
		"prometheus":  prometheusHolds,
		"openmetrics": openMetricsHolds,
		"junit":       xmlParses,
		"github":      githubHolds,
		"markdown":    markdownHolds,
	}
}

func seeds() []string {
	return []string{
		"", "api", hostileText, "\x1b]0;title\x07", "]]>", "`", "``````", "::error::x", "##[error]x", "%0A::error::x",
		"a|b", "</code>", "</details>", "\\", "\\|", "\"", "\n# HELP x\nx 1", "{}", "\xff", "\xed\xa0\x80",
		"\u0085", "\u2029", "\u00ad", "\U000E0041", "e\u0301", " ", "\ufffd", strings.Repeat("y", 10_000),
	}
}

// TestFormatsWithHostileText writes reports full of it in every format.
func TestFormatsWithHostileText(t *testing.T) {
	for _, text := range seeds() {
		for i := range 2 * len(Formats()) {
			writeHostile(t, text, i)
		}
	}
}

// FuzzFormats does so with text that nobody thought of, one format at a time.
func FuzzFormats(f *testing.F) {
	for i := range 2 * len(Formats()) {
		f.Add(hostileText, uint8(i))
	}
	f.Fuzz(func(t *testing.T, text string, choice uint8) { writeHostile(t, text, int(choice)) })
}

// writeHostile writes a report whose every text is this one, in the format and
// with the options of a choice.
func writeHostile(t *testing.T, text string, choice int) {
	t.Helper()
	all := Formats()
	format := all[choice%len(all)]
	opt := Options{}
	if choice/len(all)%2 == 1 {
		opt = Options{Width: 40, Sockets: -1, Verbose: true}
	}
	out := write(t, format, hostileReport(text), opt)
	harmless(t, format.Name, out)
	if check := checkers()[format.Name]; check != nil {
		check(t, out)
	}
}

// harmless holds for every format: nothing in it controls a terminal or
// reorders what is read.
func harmless(t *testing.T, name string, out []byte) {
	t.Helper()
	if !utf8.Valid(out) {
		t.Errorf("%s: output is not UTF-8", name)
	}
	for i, r := range string(out) {
		if r != '\n' && words.Clean(string(r)) != string(r) {
			t.Fatalf("%s: raw %U in %q", name, r, out[max(0, i-40):min(len(out), i+40)])
		}
	}
}

// TestFormatsAreBounded: what another user's process calls itself, and what it
// was started with, does not make a report large, in no format.
func TestFormatsAreBounded(t *testing.T) {
	for _, text := range []string{strings.Repeat("\x01", 1<<20), strings.Repeat("\U000E0041", 1<<16)} {
		r := hostileReport(text)
		r.Snapshot.Processes[0].Args = []string{text, text, text}
		r.Snapshot.Processes[1].Args = make([]string, 1<<16)
		for _, format := range Formats() {
			if n := len(write(t, format, r, Options{Sockets: -1, Verbose: true})); n > 2<<20 {
				t.Errorf("%s: %d KB of %.10q", format.Name, n>>10, text)
			}
		}
	}
}

// TestColorIsTheOnlyEscape: with Color the page has escapes of its own, and
// none that came from outside.
func TestColorIsTheOnlyEscape(t *testing.T) {
	r := hostileReport(hostileText)
	colored := write(t, mustFormat(t, "table"), r, Options{Color: true, Verbose: true})
	if !bytes.Contains(colored, []byte("\x1b[1;31mleak")) {
		t.Error("Color has no effect")
	}
	for _, sgr := range []string{words.Bold, words.Dim, words.Red, words.Green, words.Yellow, words.Cyan, "0"} {
		colored = bytes.ReplaceAll(colored, []byte("\x1b["+sgr+"m"), nil)
	}
	harmless(t, "table with colour", colored)
}
