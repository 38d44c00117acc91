package live

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/sockleak/sockleak/internal/words"
)

// The letters of a chart, from nothing to the most.
const (
	blocks = " ▁▂▃▄▅▆▇█"
	ascii  = " .:-=+*#@"
)

// spark draws the newest values, one column each, against the largest.
func (s Style) spark(points []int, width int) string {
	letters := []rune(s.pick(blocks, ascii))
	points = points[max(0, len(points)-max(width, 0)):]
	if len(points) == 0 {
		return ""
	}
	top := max(1, slices.Max(points))
	var b strings.Builder
	for _, n := range points {
		at := (n*(len(letters)-1) + top - 1) / top // rounded up: one socket shows
		b.WriteRune(letters[at])
	}
	return b.String()
}

// chartLines draws each chart with what it is now, its scale, and the time
// that it covers. The newest sample is at the right.
func (s Style) chartLines(charts []Chart, times []time.Time, width int) []string {
	const label = 20 // columns before the line
	scale := 0       // columns behind it
	for _, c := range charts {
		scale = max(scale, len(c.scale(c.Points)))
	}
	room := width - label - 1 - scale
	if room < 10 {
		room, scale = max(width-label, 0), 0
	}
	var lines []string
	for _, c := range charts {
		shown := c.Points[max(0, len(c.Points)-room):]
		if len(shown) == 0 {
			continue
		}
		line := fmt.Sprintf("%-13s%6d ", c.Name, shown[len(shown)-1]) + s.pad(s.spark(shown, room), room, true)
		if scale > 0 {
			line += " " + s.paint(faint, c.scale(shown))
		}
		lines = append(lines, line)
	}
	if n := min(len(times), room); n > 1 && len(lines) > 0 {
		back := "-" + words.Span(times[len(times)-1].Sub(times[len(times)-n]).Round(time.Second))
		axis := back + strings.Repeat(" ", max(n-len(back)-len("now"), 1)) + "now"
		lines = append(lines, s.paint(faint, strings.Repeat(" ", label)+s.pad(axis, room, true)))
	}
	return lines
}

// scale says between what a chart moves, and how far it may.
func (c *Chart) scale(points []int) string {
	if len(points) == 0 {
		return ""
	}
	text := fmt.Sprintf("%d..%d", slices.Min(points), slices.Max(points))
	if c.Limit > 0 {
		text += fmt.Sprintf(" of %d", c.Limit)
	}
	return text
}

// wrap breaks text so that no line is wider; words that are longer are broken.
func wrap(text string, width int) []string {
	if width < 1 {
		return nil
	}
	return strings.Split(ansi.Wrap(text, width, ""), "\n")
}

// pad makes a text exactly so wide, cutting it with a mark where it is longer.
func (s Style) pad(text string, width int, right bool) string {
	if width <= 0 {
		return ""
	}
	n := ansi.StringWidth(text)
	if n > width {
		text = ansi.Truncate(text, width, s.pick("…", "~"))
		n = ansi.StringWidth(text)
	}
	fill := strings.Repeat(" ", max(width-n, 0))
	if right {
		return fill + text
	}
	return text + fill
}

// span is a duration in at most six columns; "-" for none.
func span(d time.Duration) string {
	if d <= 0 {
		return "-"
	}
	return words.Span(d.Truncate(time.Second))
}
