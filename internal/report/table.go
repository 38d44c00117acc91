package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// table is the verdict page: findings first, grouped by cause and place, in
// the manner of a compiler's errors; then what was not seen; then one line
// that sums up.
func table() Format {
	return Format{Name: "table", Doc: "the verdict page for people", Write: writeTable}
}

func writeTable(w io.Writer, r *Report, opt Options) error {
	p := &page{w: bufio.NewWriter(w), opt: opt}
	shown := r.Findings
	most := cmp.Or(opt.Findings, maxFindings)
	if !opt.Verbose && most > 0 && len(shown) > most {
		shown = shown[:most]
	}
	for i := range shown {
		p.finding(r, &shown[i])
	}
	if more := len(r.Findings) - len(shown); more > 0 {
		p.line("", "", fmt.Sprintf("and %s more; --findings=all shows them", words.Plural(more, "finding")))
		p.printf("\n")
	}
	p.unseen(r)
	p.sources(r)
	p.summary(r)
	return p.w.Flush()
}

// maxFindings keeps the page on one screen.
const maxFindings = 6

// page writes aligned, optionally coloured text. Errors stay in the
// bufio.Writer until Flush.
type page struct {
	w    *bufio.Writer
	opt  Options
	told socket.ProcessID // whose service the last finding has named
}

func (p *page) printf(format string, args ...any) { fmt.Fprintf(p.w, format, args...) }

// textColumn is where the texts begin that have a label before them.
const textColumn = 12

// entry prints a text behind its label, cleaned and wrapped to the width.
func (p *page) entry(indent int, sgr, label, text string) {
	for i, line := range words.Wrap(words.Clean(text), p.opt.Width-textColumn) {
		if i > 0 {
			label = ""
		}
		p.printf("%*s%s%*s%s\n", indent, "", p.paint(sgr, label), textColumn-indent-len(label), "", line)
	}
}

// row prints one labelled line below a headline.
func (p *page) row(label, text string) {
	if text != "" {
		p.entry(2, words.Dim, label, text)
	}
}

// list prints texts, the first of them behind the label.
func (p *page) list(indent int, sgr, label string, texts []string) {
	for _, text := range texts {
		p.entry(indent, sgr, label, text)
		label = ""
	}
}

// line prints a clean text, whose head has a colour; what does not fit goes on
// in the next line, indented.
func (p *page) line(sgr, head, text string) {
	lines := words.Wrap(head+text, p.opt.Width)
	if len(lines) > 1 {
		lines = words.Wrap(head+text, p.opt.Width-2)
	}
	for i, line := range lines {
		if i > 0 {
			p.printf("  %s\n", line)
			continue
		}
		n := min(len(head), len(line))
		p.printf("%s%s\n", p.paint(sgr, line[:n]), line[n:])
	}
}

func (p *page) finding(r *Report, f *leak.Finding) {
	p.line(LevelColor(f.Level), fmt.Sprintf("%s[%s]", f.Level, f.Rule), ": "+headline(r, f))
	p.service(r, r.Snapshot.Process(f.Process))
	p.list(2, words.Dim, "evidence", f.Evidence)
	p.list(2, words.Dim, "not known", withoutLabel(f.Unknown))
	p.list(2, words.Dim, "opened at", openedOrHow(r, f, p.opt.Verbose))
	p.row("since", since(f))
	p.row("watched", f.Watched)
	p.list(2, words.Dim, "object", leak.ObjectWords(f.Sockets))
	p.row("peers", peersLine(f))
	p.row("matters", f.Matters)
	p.row("fix", f.Fix)
	p.row("see", "sockleak explain "+f.Rule)
	p.row("next", nextCommand(r, f))
	if p.opt.Sockets != 0 {
		p.sockets(r, f)
	}
	p.printf("\n")
}

// withoutLabel returns what is not known without saying that again.
func withoutLabel(unknown []string) []string {
	var out []string
	for _, u := range unknown {
		out = append(out, strings.Replace(u, " is not known", "", 1))
	}
	return out
}

// subject names the process of a finding, with a blank behind it.
func subject(s *socket.Snapshot, id socket.ProcessID) string {
	if id.PID == 0 {
		return ""
	}
	if p := s.Process(id); p != nil && p.Name != "" {
		return fmt.Sprintf("%s (pid %d) ", words.Clean(p.Name), id.PID)
	}
	return fmt.Sprintf("pid %d ", id.PID)
}

// since says how old the finding is and how fast it grows.
func since(f *leak.Finding) string {
	var parts []string
	if f.Age.AtLeast > 0 {
		text := "at least " + words.Span(f.Age.AtLeast)
		if len(f.Sockets) > 1 {
			text += " (oldest)"
		}
		parts = append(parts, text)
	}
	if t := f.Trend; t.Growing {
		parts = append(parts, fmt.Sprintf("growing %.2g/s", t.Rate))
	}
	return strings.Join(parts, ", ")
}

// peersLine lists the other ends where the headline does not name them.
func peersLine(f *leak.Finding) string {
	if f.Remote.IsValid() {
		return ""
	}
	peers, more := f.Peers(3)
	var parts []string
	for _, p := range peers {
		text := peerName(p.Addr)
		if p.Count > 1 {
			text += fmt.Sprintf(" (%d)", p.Count)
		}
		parts = append(parts, text)
	}
	if more > 0 {
		parts = append(parts, fmt.Sprintf("%d more", more))
	}
	return strings.Join(parts, ", ")
}

// sockets lists the sockets of a finding, oldest first where the ages are known.
func (p *page) sockets(r *Report, f *leak.Finding) {
	shown := f.Sockets
	if n := p.opt.Sockets; n > 0 && n < len(shown) {
		shown = shown[:n]
	}
	if len(shown) == 0 {
		return
	}
	names := []string{"fd", "state", "age", "recvq", "sendq", "local", "peer", "with", "waits"}
	if f.Process.PID == 0 || len(f.Processes) > 1 {
		names = append([]string{"pid"}, names...)
	}
	p.printf("  %s\n", p.paint(words.Dim, "sockets"))
	p.grid(newListing(r), shown, columnsByName(names), true, 4)
	if more := len(f.Sockets) - len(shown); more > 0 {
		p.printf("    and %d more; --sockets shows all\n", more)
	}
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// unseen lists the gaps; what is not seen is said.
func (p *page) unseen(r *Report) {
	var gaps []string
	for _, g := range r.Snapshot.Gaps {
		gaps = append(gaps, gapWords(g))
	}
	p.list(0, words.Bold, "not seen", gaps)
	p.list(0, words.Dim, "settings", settingsLines(r))
	p.list(0, words.Dim, "hint", r.Hints)
}

func (p *page) sources(r *Report) {
	if !p.opt.Verbose {
		return
	}
	var list []string
	for _, u := range r.Snapshot.Sources {
		used := "not used"
		if u.Used {
			used = "used"
		}
		list = append(list, fmt.Sprintf("%s %s: %s", u.Name, used, u.Why))
	}
	p.list(0, words.Dim, "sources", list)
}
