package words

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Width is how many columns of a terminal clean text takes.
func Width(text string) int {
	n := 0
	for _, r := range text {
		n += runeWidth(r)
	}
	return n
}

// runeWidth follows Unicode Standard Annex #11, in which East Asian wide
// characters take two columns; marks stand on the character before them.
func runeWidth(r rune) int {
	if r < 0x300 { // where the first combining marks begin
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Cut shortens text to so many columns; two dots stand for what is missing.
func Cut(text string, columns int) string {
	if Width(text) <= columns {
		return text
	}
	head, _ := split(text, max(columns-2, 0))
	return head + ".."[:min(2, columns)]
}

// CutFront shortens text to so many columns at its beginning.
func CutFront(text string, columns int) string {
	over := Width(text) - columns
	if over <= 0 {
		return text
	}
	_, tail := split(text, min(over+2, Width(text)))
	return ".."[:min(2, columns)] + tail
}

// Wrap breaks text so that no line is wider than width: at blanks, and within
// words that are wider by themselves. Widths below 10 leave the text as it is.
func Wrap(text string, width int) []string {
	if width < 10 || Width(text) <= width {
		return []string{text}
	}
	var lines []string
	line, used := "", 0
	for word := range strings.FieldsSeq(text) {
		n := Width(word)
		if used > 0 && used+1+n > width {
			lines = append(lines, line)
			line, used = "", 0
		}
		if used > 0 {
			line, used = line+" ", used+1
		}
		for n > width {
			head, rest := split(word, width)
			lines = append(lines, head)
			word, n = rest, Width(rest)
		}
		line, used = line+word, used+n
	}
	return append(lines, line)
}

// split cuts text behind so many columns.
func split(text string, columns int) (head, rest string) {
	n := 0
	for i, r := range text {
		if n += runeWidth(r); n > columns {
			return text[:i], text[i:]
		}
	}
	return text, ""
}
