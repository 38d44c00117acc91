package words

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText is how many bytes of one text are printed. Names, paths and reasons
// are shorter; an argument may be whatever another user likes, and escaping
// makes up to ten bytes of one.
const MaxText = 4096

// Clean makes text from another process safe to print: control characters,
// terminal escapes, invalid UTF-8 and characters that reorder or hide text
// (Unicode Cc, Cf, Zl, Zp, private use) become visible escapes, and what is
// longer than any honest text is cut, with its length.
func Clean(s string) string {
	if len(s) > MaxText {
		end := MaxText
		for end > MaxText-utf8.UTFMax && !utf8.RuneStart(s[end]) {
			end--
		}
		return Clean(s[:end]) + fmt.Sprintf("... (%d bytes)", len(s))
	}
	if isClean(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case printable(r):
			b.WriteRune(r)
		default:
			q := strconv.QuoteRune(r)
			b.WriteString(q[1 : len(q)-1])
		}
		i += n
	}
	return b.String()
}

func isClean(s string) bool {
	for i, r := range s {
		if !printable(r) || r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return false
		}
	}
	return true
}

func printable(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= ' ' && r != 0x7f
	}
	return unicode.IsGraphic(r) && !unicode.Is(unicode.Z, r)
}
