package report

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/sockleak/sockleak/internal/leak"
)

// workflowCommand is how a runner reads a command (actions/runner,
// ActionCommand.cs): kind, properties, data.
var workflowCommand = regexp.MustCompile(`^::(error|warning|notice) ([^:]*)::(.*)$`)

// readAnnotations reads what a runner would. Everything but the last line
// must be a command, and that must not be one.
func readAnnotations(t *testing.T, out []byte) []annotation {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	last := len(lines) - 1
	if !strings.HasPrefix(lines[last], "sockleak: ") || strings.Contains(lines[last], "##[") {
		t.Errorf("the last line is %q", lines[last])
	}
	data := strings.NewReplacer("%0A", "\n", "%0D", "\r", "%3A", ":", "%2C", ",", "%25", "%")
	var list []annotation
	for _, line := range lines[:last] {
		m := workflowCommand.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("not a command: %q", line)
		}
		a := annotation{kind: m[1], message: data.Replace(m[3])}
		for prop := range strings.SplitSeq(m[2], ",") {
			key, value, ok := strings.Cut(prop, "=")
			switch {
			case ok && key == "title":
				a.title = data.Replace(value)
			case ok && key == "file":
				a.at = &leak.Location{File: data.Replace(value)}
			case ok && key == "line":
			default:
				t.Errorf("property %q in %q", prop, line)
			}
		}
		list = append(list, a)
	}
	return list
}

func githubHolds(t *testing.T, out []byte) {
	t.Helper()
	counts := map[string]int{}
	for _, a := range readAnnotations(t, out) {
		counts[a.kind]++
		if n := len(utf16.Encode([]rune(a.message))); n > githubMessage {
			t.Errorf("message of %d units", n)
		}
	}
	for kind, n := range counts {
		if n > githubPerKind {
			t.Errorf("%d annotations of kind %s", n, kind)
		}
	}
}

func TestGitHubSaysWhatWasWritten(t *testing.T) {
	r := leakyReport()
	r.Findings[0].Location = &leak.Location{File: "a,b:c%2C.py", Line: 3}
	got := readAnnotations(t, write(t, github(), r, Options{FailOn: leak.Suspect}))
	if len(got) != 3 || got[0].kind != "error" || got[1].kind != "error" || got[2].kind != "notice" {
		t.Fatalf("got %+v", got)
	}
	if got[0].message != plain(r, &r.Findings[0]) || got[0].title != "sockleak: leak: close-wait-eof-read" {
		t.Errorf("title %q message %q", got[0].title, got[0].message)
	}
	if got[0].at == nil || got[0].at.File != "a,b:c%2C.py" {
		t.Errorf("location %+v", got[0].at)
	}
}

func TestGitHubCapsAnnotations(t *testing.T) {
	r := leakyReport()
	for range 30 {
		r.Findings = append(r.Findings, r.Findings[0])
	}
	got := readAnnotations(t, write(t, github(), r, Options{}))
	if len(got) != githubPerKind+2 {
		t.Fatalf("%d annotations", len(got))
	}
	if msg := got[githubPerKind-1].message; !strings.HasPrefix(msg, "and 22 errors more") {
		t.Errorf("31 errors end with %q", msg)
	}
}

func TestCutUTF16(t *testing.T) {
	for _, tc := range []struct {
		in    string
		limit int
		want  string
	}{
		{"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"é€x", 3, "é€x"}, {"😀😀", 4, "😀😀"}, {"😀😀x", 4, "😀…"}, {"😀😀", 3, "😀…"},
	} {
		if got := cutUTF16(tc.in, tc.limit); got != tc.want {
			t.Errorf("cutUTF16(%q, %d) = %q, want %q", tc.in, tc.limit, got, tc.want)
		}
	}
}
