package trend

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sockleak/sockleak/internal/archive"
	"github.com/sockleak/sockleak/internal/report"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestRead(t *testing.T) {
	tr := read(t, aDay(t), Options{Host: "web1"})
	var got []string
	for _, s := range tr.Findings {
		got = append(got, fmt.Sprintf("%s %s %s now %d max %d", s.Name, s.Rule, s.Status(), s.Now, s.Max))
	}
	want := []string{
		"api close-wait-eof-read growing now 720 max 720",
		`<script>alert("x")</script> dead-peer new now 2 max 2`,
		"worker fin-wait2-held steady now 12 max 12",
		"web listener-unserved steady now 7 max 7",
		"batch never-connected ended now 0 max 30",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	skipped := map[archive.Problem]int{archive.Truncated: 1, archive.Changed: 1, archive.Newer: 1, archive.OtherHost: 1}
	if d := cmp.Diff(skipped, tr.Skipped); d != "" || tr.Reports != 143 || tr.Boots != 2 {
		t.Errorf("%d reports, %d boots, skipped: %s", tr.Reports, tr.Boots, d)
	}
	left, ok := tr.Processes[0].ToLimit()
	if want := (1024 - 820) * 2 * time.Minute; !ok || left < want*95/100 || left > want*105/100 {
		t.Errorf("limit falls in %s, want %s", left, want)
	}
}

func TestFilters(t *testing.T) {
	d := aDay(t)
	tr := read(t, d, Options{Host: "web1", Process: regexp.MustCompile("^work")})
	if len(tr.Findings) != 1 || tr.Findings[0].Name != "worker" || len(tr.Processes) != 0 {
		t.Errorf("--process: %+v", tr.Findings)
	}
	since := start.Add(20 * time.Hour)
	tr = read(t, d, Options{Host: "web1", Since: since})
	if tr.From.Before(since) || tr.Reports != 25 {
		t.Errorf("--since: %d reports from %s", tr.Reports, tr.From)
	}
	tr = read(t, d, Options{}) // the newest report's host
	if tr.Host != "web1" || len(tr.OtherHosts) != 1 {
		t.Errorf("host %s, others %v", tr.Host, tr.OtherHosts)
	}
	tr = read(t, d, Options{Host: "web2"})
	if tr.Reports != 1 || tr.Findings[0].Ended {
		t.Errorf("a single report: %+v", tr)
	}
}

func TestNothingToTell(t *testing.T) {
	path := t.TempDir()
	if _, err := Read(opened(t, path), Options{}); !errors.Is(err, ErrNoReports) || !strings.Contains(err.Error(), "record --dir") {
		t.Errorf("empty: %v", err)
	}
	names := store(t, path, day(1))
	if err := os.Truncate(filepath.Join(path, names[0].String()), 10); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(opened(t, path), Options{}); !errors.Is(err, ErrNoReports) || !strings.Contains(err.Error(), "1 report truncated") {
		t.Errorf("all bad: %v", err)
	}
}

func TestGolden(t *testing.T) {
	tr := read(t, aDay(t), Options{Host: "web1"})
	for _, f := range Formats() {
		t.Run(f.Name, func(t *testing.T) {
			var b bytes.Buffer
			if err := f.Write(&b, tr, Page{Width: 120}); err != nil {
				t.Fatal(err)
			}
			got := strings.NewReplacer(uPlotJS, "[uPlot]", uPlotCSS, "[uPlot]", pageJS, "[page.js]", pageCSS, "[page.css]").Replace(b.String())
			path := filepath.Join("testdata", "day."+f.Name)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("(-want +got); if that is right, run go test ./internal/trend -update\n%s", d)
			}
		})
	}
}

func TestTableFitsTheTerminal(t *testing.T) {
	tr := read(t, aDay(t), Options{Host: "web1", Process: regexp.MustCompile("api")})
	var b bytes.Buffer
	if err := WriteTable(&b, tr, Page{Width: 110}); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 110 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// A month of reports from a host that renames its processes all the time
// must not grow the memory without bound.
func TestSeriesAreBounded(t *testing.T) {
	tr := &Trend{Skipped: map[archive.Problem]int{}}
	b := newBuilder(tr, nil, 10*maxBuckets)
	for i := range 30 {
		doc := day(0)
		doc.Time = start.Add(time.Duration(i) * time.Minute)
		for j := range 100 {
			doc.Findings = append(doc.Findings, report.DocumentFinding{Rule: "r", Process: "p", Count: -5, Fingerprint: fmt.Sprint(i, "/", j)})
		}
		b.add(i, doc)
	}
	b.finish()
	if n := len(tr.Findings) + len(tr.Processes) + len(tr.States); n != maxSeries || tr.LeftOut == 0 || len(tr.Times) > maxBuckets {
		t.Errorf("%d series, %d left out, %d times", n, tr.LeftOut, len(tr.Times))
	}
	for _, s := range tr.Findings {
		if s.Now < 0 || s.Max < 0 {
			t.Fatalf("negative count: %+v", s)
		}
	}
}

func TestJSONIsWhatItSays(t *testing.T) {
	var b bytes.Buffer
	if err := WriteJSON(&b, read(t, aDay(t), Options{Host: "web1"})); err != nil {
		t.Fatal(err)
	}
	var d document
	dec := json.NewDecoder(&b)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		t.Fatal(err)
	}
	for _, s := range append(d.Findings, append(d.Processes, d.States...)...) {
		if len(s.Points) != len(d.Times) {
			t.Errorf("%s %s: %d points for %d times", s.Process, s.Rule, len(s.Points), len(d.Times))
		}
	}
}

func TestSpark(t *testing.T) {
	for _, c := range []struct {
		points []int
		width  int
		want   string
	}{
		{nil, 10, ""},
		{[]int{1, 2}, 0, ""},
		{[]int{0, 0}, 5, "  "},
		{[]int{0, 1, 2, 4, 8}, 5, " ▁▂▄█"},
		{[]int{1, 9, 1, 1}, 2, "█▁"},
	} {
		if got := Spark(c.points, c.width); got != c.want {
			t.Errorf("Spark(%v, %d) = %q, want %q", c.points, c.width, got, c.want)
		}
	}
}

// TestReportsHaveStopped: ages count from now, and old news is said to be old.
func TestReportsHaveStopped(t *testing.T) {
	d := aDay(t)
	last := start.Add(24 * time.Hour)
	for _, c := range []struct {
		now  time.Time
		late bool
		says string
	}{
		{last.Add(10 * time.Minute), false, "the last one 10m ago"},
		{last.Add(25 * time.Minute), false, "the last one 25m ago"},
		{last.Add(3 * time.Hour), true, "the last report is 3h old, and they used to come every 10m"},
		{last.Add(-time.Hour), false, "the last one just now"}, // the clock was set back
	} {
		tr := read(t, d, Options{Host: "web1", Now: c.now})
		var b bytes.Buffer
		if err := WriteTable(&b, tr, Page{Width: 0}); err != nil {
			t.Fatal(err)
		}
		if tr.Late() != c.late || !strings.Contains(b.String(), c.says) || strings.Contains(b.String(), "warning") != c.late {
			t.Errorf("%s after the last report: late %v\n%s", c.now.Sub(last), tr.Late(), b.String())
		}
		if c.late && !strings.Contains(b.String(), "26h50m ago") {
			t.Errorf("ages do not count from now:\n%s", b.String())
		}
	}
}

// TestTargetsShareADirectory: reports of one target say nothing of another's.
func TestTargetsShareADirectory(t *testing.T) {
	path := t.TempDir()
	for i := range 30 {
		doc := day(i)
		doc.Tool.Target = "--name api"
		store(t, path, doc)
		other := day(i)
		other.Time = other.Time.Add(time.Minute)
		other.Tool.Target, other.Processes, other.Findings = "--name mail", nil, nil
		store(t, path, other)
	}
	status := func(opt Options) map[string]string {
		m := map[string]string{}
		for _, s := range read(t, opened(t, path), opt).Findings {
			m[s.Name] = s.Status()
		}
		return m
	}
	if got := status(Options{}); got["api"] != "growing" || got["worker"] != "steady" {
		t.Errorf("two targets by turns: %v", got)
	}
	for i := 30; i < 40; i++ { // only the other one goes on
		other := day(i)
		other.Tool.Target, other.Findings = "--name mail", nil
		store(t, path, other)
	}
	tr := read(t, opened(t, path), Options{})
	if got := status(Options{}); got["api"] != "not seen" || len(tr.Growing()) != 0 {
		t.Errorf("the target has had no report: %v", got)
	}
	var b bytes.Buffer
	if err := WriteTable(&b, tr, Page{Width: 0}); err != nil || !strings.Contains(b.String(), "not seen: target --name api has had no report for ") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

// TestPartialReportEndsNothing: what the newest report could not see has not
// ended.
func TestPartialReportEndsNothing(t *testing.T) {
	for _, partial := range []bool{false, true} {
		path := t.TempDir()
		for i := range 20 {
			store(t, path, day(i))
		}
		blind := day(20)
		blind.Partial, blind.Findings = partial, nil
		store(t, path, blind)
		tr := read(t, opened(t, path), Options{})
		want, now := "ended", 0
		if partial {
			want, now = "not seen", 95
		}
		for _, s := range tr.Findings {
			if s.Name == "api" && (s.Status() != want || s.Now != now) {
				t.Errorf("partial %v: api is %s, %d", partial, s.Status(), s.Now)
			}
		}
	}
}
