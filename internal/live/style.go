package live

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/sockleak/sockleak/internal/leak"
)

// Style is what a terminal can show.
type Style struct {
	Color bool // of the 16 that every terminal has, so that its theme decides what they look like
	Light bool // the background is light: no yellow or cyan on it
	ASCII bool // nothing but ASCII
}

// role is what a text is; the style decides how it looks.
type role uint8

const (
	plain role = iota
	strong
	faint
	leaking
	suspected
	noted
	healthy
	chosen
)

func roleOf(l leak.Level) role {
	switch l {
	case leak.Leak:
		return leaking
	case leak.Suspect:
		return suspected
	case leak.Note:
		return noted
	}
	return plain
}

// sgr returns the parameters of ECMA-48 SGR.
func (s Style) sgr(r role) string {
	switch r {
	case strong:
		return "1"
	case faint:
		return "2"
	case leaking:
		return "1;31"
	case suspected:
		if s.Light {
			return "35"
		}
		return "33"
	case noted:
		if s.Light {
			return "34"
		}
		return "36"
	case healthy:
		return "32"
	case chosen:
		return "7"
	}
	return ""
}

// paint colours text. Without colour the text alone tells everything.
func (s Style) paint(r role, text string) string {
	code := s.sgr(r)
	if !s.Color || code == "" || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// pick returns the text for terminals that show all of Unicode, or the other.
func (s Style) pick(unicode, ascii string) string {
	if s.ASCII {
		return ascii
	}
	return unicode
}

// fold replaces what is not ASCII, column by column.
func (s Style) fold(line string) string {
	if !s.ASCII {
		return line
	}
	var b strings.Builder
	for _, r := range line {
		if r < 0x80 {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Repeat("?", ansi.StringWidth(string(r))))
		}
	}
	return b.String()
}
