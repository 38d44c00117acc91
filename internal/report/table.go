package report

import (
	"bufio"
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
	if !opt.Verbose && !opt.Sockets && len(shown) > maxFindings {
		shown = shown[:maxFindings]
	}
	for i := range shown {
		p.finding(r, &shown[i])
	}
	if more := len(r.Findings) - len(shown); more > 0 {
		p.printf("and %s more; -v shows all\n\n", words.Plural(more, "finding"))
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
	w   *bufio.Writer
	opt Options
}

func (p *page) printf(format string, args ...any) { fmt.Fprintf(p.w, format, args...) }

// labelWidth aligns the texts below a finding's headline.
const labelWidth = 11

// row prints one labelled line below a headline, cleaned and wrapped to the
// width.
func (p *page) row(label, text string) {
	if text == "" {
		return
	}
	for i, line := range words.Wrap(words.Clean(text), p.opt.Width-labelWidth-2) {
		if i > 0 {
			label = ""
		}
		p.printf("  %s%*s%s\n", p.paint(dim, label), labelWidth-1-len(label), "", line)
	}
}

func (p *page) finding(r *Report, f *leak.Finding) {
	head := fmt.Sprintf("%s[%s]", f.Level, f.Rule)
	p.printf("%s: %s%s\n", p.paint(levelColor(f.Level), head), subject(r.Snapshot, f.Process), words.Clean(f.Summary))
	for i, e := range f.Evidence {
		label := ""
		if i == 0 {
			label = "evidence"
		}
		p.row(label, e)
	}
	for i, u := range f.Unknown {
		label := ""
		if i == 0 {
			label = "not known"
		}
		p.row(label, strings.Replace(u, " is not known", "", 1)) // the label says it
	}
	p.row("since", since(f))
	p.row("watched", f.Watched)
	p.row("object", leak.ObjectWords(f.Sockets))
	p.row("peers", peersLine(f))
	p.row("matters", f.Matters)
	p.row("fix", f.Fix)
	p.row("see", "sockleak explain "+f.Rule)
	if p.opt.Sockets {
		p.sockets(r, f)
	}
	p.printf("\n")
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

func (p *page) sockets(r *Report, f *leak.Finding) {
	p.printf("  %s   %-14s %-8s %-24s %-24s %8s %8s %8s\n", p.paint(dim, "sockets"),
		"STATE", "FD", "LOCAL", "PEER", "RECV-Q", "SEND-Q", "AGE")
	for _, s := range f.Sockets {
		fd := "-"
		if len(s.Holders) > 0 {
			fd = fmt.Sprint(s.Holders[0].FD)
		}
		local, peer := addr(s.Local), addr(s.Remote)
		if s.UnixInfo != nil {
			local = words.Clean(s.UnixInfo.Path)
		}
		p.printf("  %*s%-14s %-8s %-24s %-24s %8d %8d %8s\n", labelWidth-1, "", s.State, fd,
			dash(local), dash(peer), s.RecvQ, s.SendQ, ageText(r, s))
	}
}

func ageText(r *Report, s *socket.Socket) string {
	age := r.History.Age(s)
	if age.AtLeast == 0 {
		return "-"
	}
	return ">" + words.Span(age.AtLeast)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// unseen lists the gaps; what is not seen is said.
func (p *page) unseen(r *Report) {
	for i, g := range r.Snapshot.Gaps {
		label := ""
		if i == 0 {
			label = "not seen"
		}
		p.printf("%s%*s%s\n", p.paint(bold, label), labelWidth+1-len(label), "", gapWords(g))
	}
	for i, line := range settingsLines(r) {
		label := ""
		if i == 0 {
			label = "settings"
		}
		p.printf("%s%*s%s\n", p.paint(dim, label), labelWidth+1-len(label), "", line)
	}
	for i, h := range r.Hints {
		label := ""
		if i == 0 {
			label = "hint"
		}
		p.printf("%s%*s%s\n", p.paint(dim, label), labelWidth+1-len(label), "", words.Clean(h))
	}
}

func (p *page) sources(r *Report) {
	if !p.opt.Verbose {
		return
	}
	for i, u := range r.Snapshot.Sources {
		label := ""
		if i == 0 {
			label = "sources"
		}
		used := "not used"
		if u.Used {
			used = "used"
		}
		p.printf("%s%*s%s %s: %s\n", label, labelWidth+1-len(label), "", u.Name, used, words.Clean(u.Why))
	}
}
