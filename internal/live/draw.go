package live

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// The letters of a chart, from nothing to the most.
const (
	blocks = " ▁▂▃▄▅▆▇█"
	ascii  = " .:-=+*#@"
)

// spark draws the newest values, one column each, against the largest.
func spark(series []int, width int, plain bool) string {
	letters := []rune(blocks)
	if plain {
		letters = []rune(ascii)
	}
	series = series[max(0, len(series)-max(width, 0)):]
	if len(series) == 0 {
		return ""
	}
	top := max(1, slices.Max(series))
	var b strings.Builder
	for _, n := range series {
		at := (n*(len(letters)-1) + top - 1) / top // rounded up: one socket shows
		b.WriteRune(letters[at])
	}
	return b.String()
}

// fit cuts the page to the terminal.
func fit(lines []string, opt Options) []string {
	if opt.Height > 0 && len(lines) > opt.Height {
		lines = lines[:opt.Height]
	}
	if opt.Width > 0 {
		for i := range lines {
			lines[i] = cut(lines[i], opt.Width)
		}
	}
	return lines
}

// cut shortens a line to the width. Escapes have none; they are our own and
// all of the form ESC [ ... m. The last one, which ends a colour, is kept.
func cut(line string, width int) string {
	var b strings.Builder
	column, colored := 0, false
	for i := 0; i < len(line); {
		if line[i] == '\x1b' {
			end := strings.IndexByte(line[i:], 'm')
			if end < 0 {
				break
			}
			escape := line[i : i+end+1]
			colored = escape != "\x1b[0m"
			b.WriteString(escape)
			i += len(escape)
			continue
		}
		_, n := utf8.DecodeRuneInString(line[i:])
		if column == width {
			if colored {
				b.WriteString("\x1b[0m")
			}
			break
		}
		b.WriteString(line[i : i+n])
		column++
		i += n
	}
	return b.String()
}
