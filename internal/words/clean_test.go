package words

import (
	"strings"
	"testing"
	"unicode/utf8"
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
	long := strings.Repeat("é", MaxText)
	if got, want := Clean(long), strings.Repeat("é", MaxText/2)+"... (8192 bytes)"; got != want {
		t.Errorf("got %d bytes, ending in %q", len(got), got[len(got)-30:])
	}
	if got := Clean("x" + long); strings.Contains(got, `\x`) || !strings.HasSuffix(got, "é... (8193 bytes)") {
		t.Errorf("cut inside a character: %q", got[len(got)-30:])
	}
}

// FuzzClean holds Clean to its promise.
func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "api", "\x1b]0;title\x07", "\xff", "\xed\xa0\x80", "\u0085", "\u2029", "\u00ad", "\U000E0041", "e\u0301", "\ufffd", strings.Repeat("y", 10_000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := Clean(s)
		for _, r := range c {
			if !printable(r) {
				t.Fatalf("Clean(%q) has a raw %U", s, r)
			}
		}
		if len(c) > 10*MaxText+40 {
			t.Errorf("Clean gives %d bytes for %d", len(c), len(s))
		}
		if again := Clean(c); again != c && len(c) <= MaxText {
			t.Errorf("Clean(%q) = %q, cleaned again %q", s, c, again)
		}
		if utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !printable(r) }) && c != s && len(s) <= MaxText {
			t.Errorf("Clean(%q) = %q, although nothing is wrong with it", s, c)
		}
	})
}
