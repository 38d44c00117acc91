package report

import (
	"strings"
	"testing"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"":                "",
		"api":             "api",
		"naïve 東京 🚀":      "naïve 東京 🚀",
		"a\tb\n":          `a\tb\n`,
		"\x1b[2J":         `\x1b[2J`,
		"\x9b2J":          `\x9b2J`, // C1 CSI as a raw byte: not UTF-8
		"\u009b2J":        `\u009b2J`,
		"\xff":            `\xff`,
		"\uFFFD":          "\uFFFD", // the character itself is no error
		"a\u202eb":        `a\u202eb`,
		"a\u200bb\u2028c": `a\u200bb\u2028c`,
		"a\u00a0b":        `a\u00a0b`,
		"\U000E0041":      `\U000e0041`,
		"\x00":            `\x00`,
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCleanCuts(t *testing.T) {
	long := strings.Repeat("é", maxText)
	if got, want := Clean(long), strings.Repeat("é", maxText/2)+"... (8192 bytes)"; got != want {
		t.Errorf("got %d bytes, ending in %q", len(got), got[len(got)-30:])
	}
	if got := Clean("x" + long); strings.Contains(got, `\x`) || !strings.HasSuffix(got, "é... (8193 bytes)") {
		t.Errorf("cut inside a character: %q", got[len(got)-30:])
	}
}
