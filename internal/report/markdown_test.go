package report

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
)

var htmlTag = regexp.MustCompile(`</?([a-zA-Z][a-zA-Z0-9]*)`)

// renderMarkdown renders as GitHub does, with raw HTML let through so that a
// tag that got out of its code would show.
func renderMarkdown(t *testing.T, out []byte) string {
	t.Helper()
	md := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(html.WithUnsafe()))
	var b bytes.Buffer
	if err := md.Convert(out, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// markdownHolds: rendered, it has the elements that we write and no others,
// so no link, image or mark-up came from outside.
func markdownHolds(t *testing.T, out []byte) {
	t.Helper()
	if len(out) > markdownBytes+2000 {
		t.Errorf("%d bytes", len(out))
	}
	allowed := " h2 p br ul li code pre table thead tbody tr th td "
	page := renderMarkdown(t, out)
	for _, m := range htmlTag.FindAllStringSubmatch(page, -1) {
		if !strings.Contains(allowed, " "+strings.ToLower(m[1])+" ") {
			t.Fatalf("element %s in %s", m[1], page)
		}
	}
	const columns = 5
	rows, cells := strings.Count(page, "<tr>"), strings.Count(page, "</td>")+strings.Count(page, "</th>")
	if cells != rows*columns {
		t.Errorf("%d rows have %d cells: %s", rows, cells, page)
	}
}

// TestMarkdownShowsTheText: what was escaped is still there to be read.
func TestMarkdownShowsTheText(t *testing.T) {
	page := renderMarkdown(t, write(t, markdown(), hostileReport(hostileText), Options{}))
	for _, want := range []string{
		"<code>close-wait-eof-read</code>", "&lt;img src=x&gt;", "[l](javascript:x)", "``` \\x7c *b*", "@team #1", "| *b*",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not in %s", want, page)
		}
	}
}

func TestMarkdownFitsIntoAComment(t *testing.T) {
	r := leakyReport()
	for range 2000 {
		r.Findings = append(r.Findings, r.Findings[0])
		r.Snapshot.Gaps = append(r.Snapshot.Gaps, unknownReport().Snapshot.Gaps...)
	}
	out := write(t, markdown(), r, Options{})
	markdownHolds(t, out)
	if len(out) > 65_536 {
		t.Errorf("%d bytes do not fit into a comment on GitHub", len(out))
	}
	for _, want := range []string{"and 1903 findings more", "and 3980 more not seen", "more do not fit here"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q is missing", want)
		}
	}
}
