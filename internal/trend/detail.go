package trend

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sockleak/sockleak/internal/archive"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/words"
)

// maxDetails is of how many findings, the most urgent first, everything is
// told, and of how many processes there is a chart. The tables have them all.
const maxDetails = 50

// maxLines bounds each list of a detail.
const maxLines = 20

// Detail is what the newest report that has a finding tells about it. All its
// texts are clean.
type Detail struct {
	At                    time.Time // of the report
	Summary, Matters, Fix string    // what the process does, what that leads to, and what to change
	Facts                 []Fact
}

// Fact is one thing that is known of a finding: its name, and a line or more.
type Fact struct {
	Name  string
	Lines []string
}

// describe reads the details of the most urgent findings, one report at a
// time. A report that is gone meanwhile tells none.
func (t *Trend) describe(d *archive.Dir, names []archive.Name) {
	of := map[int][]*Series{}
	for _, s := range t.Findings[:min(len(t.Findings), maxDetails)] {
		of[s.report] = append(of[s.report], s)
	}
	for i, list := range of {
		doc, err := d.Read(names[i])
		if err != nil {
			continue
		}
		for _, s := range list {
			s.Detail = newDetail(doc, s.Fingerprint)
		}
	}
}

// newDetail finds the finding with the fingerprint in a document. Of prefork
// workers that share it, the one with the most sockets speaks for all.
func newDetail(doc *report.Document, fingerprint string) *Detail {
	var f *report.DocumentFinding
	for i := range doc.Findings {
		if is := &doc.Findings[i]; words.Clean(is.Fingerprint) == fingerprint && (f == nil || is.Count > f.Count) {
			f = is
		}
	}
	if f == nil {
		return nil
	}
	d := &Detail{At: doc.Time.UTC(), Summary: words.Clean(f.Summary), Matters: words.Clean(f.Matters), Fix: words.Clean(f.Fix)}
	waits, refers := waiting(doc, f)
	d.add("line", location(f.Location))
	d.add("opened at", openings(f)...)
	d.add("waiting", f.Watched)
	d.add("waits at", waits...)
	d.add("evidence", f.Evidence...)
	d.add("not known", f.Unknown...)
	d.add("age", age(f.Age))
	d.add("peers", peers(f.Peers)...)
	d.add("local", f.Local)
	d.add("kept by", refers...)
	for i := range doc.Processes {
		if p := &doc.Processes[i]; p.PID == f.PID && p.StartTicks == f.StartTicks {
			d.add("process", service(p))
			d.add("command", strings.Join(p.Command, " "))
		}
	}
	return d
}

// add adds a fact, unless nothing is known.
func (d *Detail) add(name string, lines ...string) {
	f := Fact{Name: name}
	for i, line := range lines {
		if i == maxLines {
			f.Lines = append(f.Lines, fmt.Sprintf("and %d more", len(lines)-i))
			break
		}
		if line != "" {
			f.Lines = append(f.Lines, words.Clean(line))
		}
	}
	if len(f.Lines) > 0 {
		d.Facts = append(d.Facts, f)
	}
}

// waiting finds who waits for the finding's sockets, and what in the program
// refers to them, each with the number of sockets.
func waiting(doc *report.Document, f *report.DocumentFinding) (waits, refers []string) {
	type descriptor struct {
		pid int
		fd  int32
	}
	its := map[descriptor]bool{}
	waiters, holders := map[string]int{}, map[string]int{}
	for i := range doc.Sockets {
		s := &doc.Sockets[i]
		if s.Finding != f.Fingerprint {
			continue
		}
		if s.FD != nil {
			its[descriptor{s.PID, *s.FD}] = true
		}
		if s.Object != nil {
			for _, text := range s.Object.HeldBy {
				holders[text]++
			}
		}
	}
	for i := range doc.Waiters {
		w := &doc.Waiters[i]
		for _, fd := range w.FDs {
			if its[descriptor{w.PID, fd}] {
				waiters[waiter(w)]++
			}
		}
	}
	return counted(waiters), counted(holders)
}

// counted lists texts with the number of sockets, the most frequent first.
func counted(counts map[string]int) []string {
	list := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	for i, text := range list {
		list[i] = fmt.Sprintf("%s (%s)", text, words.Plural(counts[text], "socket"))
	}
	return list
}

// waiter says who waits, in what, and at which line: that of the program's own
// code where the stack reaches it.
func waiter(w *report.DocumentWaiter) string {
	text := strings.TrimSpace(w.Kind+" "+w.Name) + " in " + w.Call
	i := slices.IndexFunc(w.Frames, func(f report.DocumentFrame) bool { return f.Own })
	if len(w.Frames) > 0 {
		text += " at " + w.Frames[max(i, 0)].Words()
	}
	return text
}

// openings says where the sockets were opened, and how many of them.
func openings(f *report.DocumentFinding) (lines []string) {
	for i := range f.Opened {
		o := &f.Opened[i]
		share := fmt.Sprintf(" (%d of %d)", o.Count, f.Count)
		if o.At == nil {
			lines = append(lines, fmt.Sprintf("by %s in thread %s%s: %s", o.Call, o.Thread, share, cmp.Or(o.Doubt, "its stack was not read")))
			continue
		}
		text := o.At.Words() + share
		if o.StartedBy != nil {
			text += ", started at " + o.StartedBy.Words()
		}
		if len(o.Tests) > 0 {
			text += ", by " + strings.Join(o.Tests, ", ")
		}
		lines = append(lines, text)
	}
	return lines
}

func peers(list []report.DocumentPeer) (lines []string) {
	for _, p := range list {
		if p.Address == "" {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s (%s)", p.Address, words.Plural(p.Count, "socket")))
	}
	return lines
}

// age says how old the oldest socket was when the report was made.
func age(a *report.DocumentAge) string {
	if a == nil {
		return ""
	}
	least := words.Span(seconds(a.AtLeastSeconds))
	if a.AtMostSeconds == nil {
		return "the oldest at least " + least + " in its state"
	}
	if most := words.Span(seconds(*a.AtMostSeconds)); most != least {
		least += " to " + most
	}
	return "the oldest " + least + " in its state"
}

// seconds turns a number of a document into a duration; what is beyond a
// century was made up.
func seconds(s float64) time.Duration {
	const century = 100 * 365 * 24 * time.Hour
	return time.Duration(max(0, min(s, century.Seconds())) * float64(time.Second))
}

func location(l *report.DocumentLocation) string {
	if l == nil || l.Line <= 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d", l.File, l.Line)
}

// service says which process it is, and what it belongs to.
func service(p *report.DocumentProcess) string {
	parts := []string{fmt.Sprintf("pid %d", p.PID)}
	for _, part := range [...][2]string{
		{"unit ", p.Unit}, {"pod ", p.Pod}, {"container ", p.Container[:min(12, len(p.Container))]}, {"in ", p.Cwd},
	} {
		if part[1] != "" {
			parts = append(parts, part[0]+part[1])
		}
	}
	if p.StartTime != nil {
		parts = append(parts, "started "+stamp(p.StartTime.UTC()))
	}
	return strings.Join(parts, ", ")
}
