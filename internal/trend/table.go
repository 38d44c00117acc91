package trend

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/words"
)

// WriteTable writes the trend for a person: a line for each finding and each
// process that matters, with a sparkline.
func WriteTable(w io.Writer, t *Trend, p Page) error {
	out := &tables{Writer: bufio.NewWriter(w), Page: p, t: t} // keeps the first error until Flush
	out.line(words.Bold, headline(t))
	if text := warning(t); text != "" {
		out.line(words.Yellow, "warning: "+text)
	}
	if len(t.Findings) == 0 {
		fmt.Fprintf(out, "\nno finding in any report\n")
	} else {
		out.table("LEVEL\tCAUSE\tPROCESS\tWHERE\tSTATUS\tFIRST SEEN\tLAST\tMAX", t.Findings, func(s *Series) string {
			return fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d", s.Level, s.Rule, s.Name, s.Where, s.Status(),
				since(t, s.First), s.Now, s.Max)
		})
	}
	if list := notable(t); len(list) > 0 {
		out.table("PROCESS\tDESCRIPTORS\tLIMIT\tSTATUS\tAT THIS RATE", list, func(s *Series) string {
			return fmt.Sprintf("%s\t%d\t%s\t%s\t%s", s.Name, s.Now, limit(s), s.Status(), forecast(s))
		})
	}
	if len(t.States) > 0 {
		out.table("STATE\tLAST\tMAX", t.States, func(s *Series) string {
			return fmt.Sprintf("%s\t%d\t%d", s.Name, s.Now, s.Max)
		})
	}
	for i, n := range notes(t) {
		if i == 0 {
			fmt.Fprintln(out)
		}
		out.line("", n)
	}
	return out.Flush()
}

// tables writes tables that fit the page.
type tables struct {
	*bufio.Writer
	Page
	t *Trend
}

// line writes a text, wrapped.
func (o *tables) line(sgr, text string) {
	for _, line := range words.Wrap(text, o.Width) {
		fmt.Fprintln(o, words.Paint(o.Color, sgr, line))
	}
}

// maxSpark is the widest that a sparkline gets.
const maxSpark = 40

// table writes a head and a line for each series, the sparkline at the end.
// Where the reports have several targets, each line says whose it is.
func (o *tables) table(head string, list []*Series, row func(*Series) string) {
	if len(o.t.Targets) > 1 {
		columns := row
		head += "\tTARGET"
		row = func(s *Series) string { return columns(s) + "\t" + s.Target.words() }
	}
	var text strings.Builder
	tw := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "%s\t\n", head)
	for _, s := range list {
		fmt.Fprintf(tw, "%s\t\n", row(s))
	}
	tw.Flush()
	fmt.Fprintln(o)
	i := -1
	for line := range strings.Lines(text.String()) {
		line = strings.TrimSuffix(line, "\n")
		room := maxSpark
		if o.Width > 0 {
			room = min(room, max(0, o.Width-words.Width(line)))
		}
		sgr := words.Dim
		if i >= 0 {
			line += Spark(list[i].Points(), room)
			sgr = list[i].color()
		} else if room >= len("OVER TIME") {
			line += "OVER TIME"
		}
		line = strings.TrimRight(line, " ")
		if o.Width > 0 {
			line = words.Cut(line, o.Width)
		}
		fmt.Fprintln(o, words.Paint(o.Color, sgr, line))
		i++
	}
}

// color is that of the line of a series: of one that grows, that of its level.
func (s *Series) color() string {
	level, ok := leak.ParseLevel(s.Level)
	switch {
	case !s.Growth.Growing || s.Ended || s.Unseen:
		return ""
	case ok:
		return report.LevelColor(level)
	}
	return words.Yellow
}

// headline says what the trend stands on, and how old that is.
func headline(t *Trend) string {
	text := words.Clean(t.Host) + ": " + basis(t, func(at time.Time) string { return at.Format(time.RFC3339) })
	if t.Age() < time.Second {
		return text + "; the last one just now"
	}
	return text + "; the last one " + since(t, t.To)
}

// basis says what the trend stands on.
func basis(t *Trend, stamp func(time.Time) string) string {
	text := words.Plural(t.Reports, "report")
	if t.Reports > 1 {
		text += fmt.Sprintf(" in %s, from %s to %s", words.Span(t.To.Sub(t.From)),
			stamp(t.From), stamp(t.To))
	} else {
		text += " of " + stamp(t.To)
	}
	if t.Boots > 1 {
		text += fmt.Sprintf(", %s in between", words.Plural(t.Boots-1, "reboot"))
	}
	return text
}

// words names the target.
func (g *Target) words() string { return cmp.Or(g.Name, "not said") }

// warning says that reports have stopped, or "".
func warning(t *Trend) string {
	if !t.Late() {
		return ""
	}
	return fmt.Sprintf("the last report is %s old, and they used to come every %s: check whether the timer or cron job still runs; everything below is as of that time",
		words.Span(t.Age()), words.Span(t.every()))
}

// notes says what was not used.
func notes(t *Trend) []string {
	var list []string
	if len(t.Targets) > 1 && !t.Late() {
		for _, g := range t.Targets {
			if g.lateAt(t.Now) {
				list = append(list, fmt.Sprintf("not seen: target %s has had no report for %s; use one directory for each target", g.words(), words.Span(t.Now.Sub(g.Last))))
			}
		}
	}
	if len(t.Skipped) > 0 {
		list = append(list, "not used: "+skippedText(t))
	}
	if t.Older > 0 {
		list = append(list, fmt.Sprintf("not read: %s older than these", words.Plural(t.Older, "report")))
	}
	if t.LeftOut > 0 {
		list = append(list, fmt.Sprintf("not shown: at least %s; --process narrows the choice", words.Plural(t.LeftOut, "series")))
	}
	return list
}

func skippedText(t *Trend) string {
	var parts []string
	for _, p := range slices.Sorted(maps.Keys(t.Skipped)) {
		parts = append(parts, fmt.Sprintf("%s %s", words.Plural(t.Skipped[p], "report"), p))
	}
	text := cmp.Or(strings.Join(parts, ", "), "none was found")
	if len(t.OtherHosts) > 0 {
		text += " (--host shows them: " + strings.Join(t.OtherHosts, ", ") + ")"
	}
	return text
}

// notable returns the processes that grow or use half of their descriptors.
func notable(t *Trend) []*Series {
	var list []*Series
	for _, s := range t.Processes {
		if !s.Ended && (s.Growth.Growing || share(s) >= 500) {
			list = append(list, s)
		}
	}
	return list
}

// since says how long ago a time was.
func since(t *Trend, at time.Time) string {
	if d := t.Now.Sub(at); d > 0 {
		return words.Span(d) + " ago"
	}
	return "now"
}

func limit(s *Series) string {
	if s.Limit == 0 {
		return "-"
	}
	return fmt.Sprint(s.Limit)
}

// forecast says when the limit falls.
func forecast(s *Series) string {
	if left, ok := s.ToLimit(); ok {
		return "full in " + words.Span(left)
	}
	return "-"
}
