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

	"github.com/sockleak/sockleak/internal/words"
)

// WriteTable writes the trend for a person: a line for each finding and each
// process that matters, with a sparkline. Width is that of the terminal; 0
// means no limit.
func WriteTable(w io.Writer, t *Trend, width int) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, strings.Join(words.Wrap(headline(t), width), "\n"))
	if text := warning(t); text != "" {
		fmt.Fprintln(out, strings.Join(words.Wrap("warning: "+text, width), "\n"))
	}
	if len(t.Findings) == 0 {
		fmt.Fprintf(out, "\nno finding in any report\n")
	} else {
		table(out, t, width, "LEVEL\tCAUSE\tPROCESS\tWHERE\tSTATUS\tFIRST SEEN\tLAST\tMAX", t.Findings, func(s *Series) string {
			return fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d", s.Level, s.Rule, s.Name, s.Where, s.Status(),
				since(t, s.First), s.Now, s.Max)
		})
	}
	if list := notable(t); len(list) > 0 {
		table(out, t, width, "PROCESS\tDESCRIPTORS\tLIMIT\tSTATUS\tAT THIS RATE", list, func(s *Series) string {
			return fmt.Sprintf("%s\t%d\t%s\t%s\t%s", s.Name, s.Now, limit(s), s.Status(), forecast(s))
		})
	}
	if len(t.States) > 0 {
		table(out, t, width, "STATE\tLAST\tMAX", t.States, func(s *Series) string {
			return fmt.Sprintf("%s\t%d\t%d", s.Name, s.Now, s.Max)
		})
	}
	for i, n := range notes(t) {
		if i == 0 {
			fmt.Fprintln(out)
		}
		fmt.Fprintln(out, strings.Join(words.Wrap(n, width), "\n"))
	}
	return out.Flush()
}

// maxSpark is the widest that a sparkline gets.
const maxSpark = 40

// table writes a head and a line for each series, the sparkline at the end.
// Where the reports have several targets, each line says whose it is.
func table(out io.Writer, t *Trend, width int, head string, list []*Series, row func(*Series) string) {
	if len(t.Targets) > 1 {
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
	fmt.Fprintln(out)
	i := -1
	for line := range strings.Lines(text.String()) {
		line = strings.TrimSuffix(line, "\n")
		room := maxSpark
		if width > 0 {
			room = min(room, max(0, width-len([]rune(line))))
		}
		if i >= 0 {
			line += Spark(list[i].Points(), room)
		} else if room >= len("OVER TIME") {
			line += "OVER TIME"
		}
		fmt.Fprintln(out, strings.TrimRight(line, " "))
		i++
	}
}

// headline says what the trend stands on.
func headline(t *Trend) string {
	text := fmt.Sprintf("%s: %s", words.Clean(t.Host), words.Plural(t.Reports, "report"))
	if t.Reports > 1 {
		text += fmt.Sprintf(" in %s, from %s to %s", words.Span(t.To.Sub(t.From)),
			t.From.Format(time.RFC3339), t.To.Format(time.RFC3339))
	} else {
		text += " of " + t.To.Format(time.RFC3339)
	}
	if t.Boots > 1 {
		text += fmt.Sprintf(", %s in between", words.Plural(t.Boots-1, "reboot"))
	}
	if t.Age() < time.Second {
		return text + "; the last one just now"
	}
	return text + "; the last one " + since(t, t.To)
}

// words names the target.
func (g *Target) words() string { return cmp.Or(g.Name, "not said") }

// warning says that reports have stopped, or "".
func warning(t *Trend) string {
	if !t.Late() {
		return ""
	}
	every := t.Targets[0].Every
	for _, g := range t.Targets {
		every = min(every, g.Every)
	}
	return fmt.Sprintf("the last report is %s old, and they used to come every %s: check whether the timer or cron job still runs; everything below is as of that time",
		words.Span(t.Age()), words.Span(every))
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
