package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/words"
)

// markdown writes GitHub flavoured Markdown for $GITHUB_STEP_SUMMARY and for
// comments on merge and pull requests. All text of others stands in code
// spans or fenced blocks, where Markdown and HTML mean nothing.
func markdown() Format {
	return Format{
		Name:  "markdown",
		Doc:   "a summary for $GITHUB_STEP_SUMMARY and merge request comments",
		Write: writeMarkdown,
	}
}

// GitHub takes comments of up to 65,536 characters (and step summaries of
// 1 MiB), GitLab more.
const (
	markdownBytes = 60_000
	markdownRows  = 100 // of the table
	markdownGaps  = 20
)

func writeMarkdown(w io.Writer, r *Report, _ Options) error {
	m := &markdownPage{left: markdownBytes}
	m.b.WriteString("## sockleak: " + string(r.Verdict) + "\n\n" + verdictLine(r) + "\n")
	for _, line := range sumWords(r) {
		m.b.WriteString("<br>" + line + "\n") // own words and numbers
	}
	m.gaps(r)
	m.table(r)
	m.details(r)
	_, err := io.WriteString(w, m.b.String())
	return err
}

// markdownPage counts what it takes in against the limit. Headings and
// remarks of a few own words are not counted: the limit has room for them.
type markdownPage struct {
	b    strings.Builder
	left int // bytes
}

// add reports whether there was room for the text.
func (m *markdownPage) add(text string) bool {
	if len(text) > m.left {
		return false
	}
	m.left -= len(text)
	m.b.WriteString(text)
	return true
}

func (m *markdownPage) gaps(r *Report) {
	gaps := r.Snapshot.Gaps
	if len(gaps)+len(r.Hints)+len(r.Settings) == 0 {
		return
	}
	m.b.WriteString("\n")
	shown := 0
	for ; shown < min(len(gaps), markdownGaps); shown++ {
		if !m.add("- not seen: " + codeSpan(gapWords(gaps[shown])) + "\n") {
			break
		}
	}
	if more := len(gaps) - shown; more > 0 {
		fmt.Fprintf(&m.b, "- and %d more not seen\n", more)
	}
	for _, line := range settingsLines(r) {
		m.add("- " + codeSpan(line) + "\n")
	}
	for _, h := range r.Hints {
		m.add("- hint: " + codeSpan(h) + "\n")
	}
}

func (m *markdownPage) table(r *Report) {
	if len(r.Findings) == 0 {
		return
	}
	m.b.WriteString("\n| level | rule | process | sockets | since |\n| --- | --- | --- | ---: | --- |\n")
	shown := 0
	for ; shown < min(len(r.Findings), markdownRows); shown++ {
		f := &r.Findings[shown]
		who := strings.TrimSpace(subject(r.Snapshot, f.Process))
		if !m.add(fmt.Sprintf("| %s | %s | %s | %d | %s |\n",
			f.Level, codeSpan(f.Rule), codeCell(who), len(f.Sockets), dash(since(f)))) {
			break
		}
	}
	if more := len(r.Findings) - shown; more > 0 {
		fmt.Fprintf(&m.b, "\nand %s more\n", words.Plural(more, "finding"))
	}
}

// details quotes the findings that are more than notes.
func (m *markdownPage) details(r *Report) {
	more := 0
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Level >= leak.Suspect && (more > 0 || !m.add("\n"+fenced(plain(r, f)))) {
			more++
		}
	}
	if more > 0 {
		fmt.Fprintf(&m.b, "\nThe details of %s more do not fit here.\n", words.Plural(more, "finding"))
	}
}

// codeSpan puts one line of text into a code span: between fences of more
// backticks than the text has in a row (CommonMark 6.1).
func codeSpan(text string) string {
	text = words.Clean(text)
	if strings.TrimSpace(text) == "" {
		return "-"
	}
	if strings.Trim(text, " `") != text {
		text = " " + text + " " // one blank at each end is not part of a span
	}
	fence := strings.Repeat("`", longestRun(text, '`')+1)
	return fence + text + fence
}

// codeCell is codeSpan for a table, where a pipe would end the cell even
// inside code: it becomes an escape like those of Clean.
func codeCell(text string) string {
	return codeSpan(strings.ReplaceAll(words.Clean(text), "|", `\x7c`))
}

// fenced puts lines into a fenced code block (CommonMark 4.5).
func fenced(text string) string {
	fence := strings.Repeat("`", max(3, longestRun(text, '`')+1))
	return fence + "text\n" + text + "\n" + fence + "\n"
}

// longestRun returns how often c stands in a row in text, at most.
func longestRun(text string, c rune) int {
	longest, run := 0, 0
	for _, r := range text {
		if r != c {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}
