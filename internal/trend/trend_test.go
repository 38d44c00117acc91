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

var start = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// day is report number i of a day of reports every ten minutes: one finding
// grows, one is steady, one ended, one is new, and one is of a prefork server.
func day(i int) *report.Document {
	d := &report.Document{
		SchemaVersion: report.SchemaVersion, Verdict: report.Leaky,
		Tool: report.DocumentTool{Name: "sockleak", Version: "test", Command: "record"},
		Time: start.Add(time.Duration(i) * 10 * time.Minute), Host: report.DocumentHost{Name: "web1", BootID: "b1", OS: "linux"},
	}
	if i >= 72 {
		d.Host.BootID = "b2"
	}
	open := 100 + 5*i
	d.Processes = []report.DocumentProcess{
		{PID: 42, StartTicks: 7, Name: "api", Descriptors: &open, DescriptorLimit: 1024, SocketFDs: open,
			TCPStates: map[string]int{"ESTABLISHED": 40 + i%7, "CLOSE_WAIT": 5 * i, "LISTEN": 1}},
	}
	add := func(rule, level, process, peer string, n int) {
		d.Findings = append(d.Findings, report.DocumentFinding{Rule: rule, Level: level, Process: process, Count: n,
			Fingerprint: rule + process + peer, Peers: []report.DocumentPeer{{Address: peer, Count: n}}})
	}
	if i > 0 {
		add("close-wait-eof-read", "leak", "api", "10.0.0.5:5432", 5*i)
	}
	add("fin-wait2-held", "suspect", "worker", "10.0.0.9:6379", 12)
	if i < 60 {
		add("never-connected", "leak", "batch", "[2001:db8::7]:443", 30)
	}
	if i >= 130 {
		add("dead-peer", "suspect", `<script>alert("x")</script>`, "10.0.0.6:25", 2)
	}
	add("listener-unserved", "note", "web", "", 3)
	add("listener-unserved", "note", "web", "", 4)
	if i > 0 {
		tellAll(d, &d.Findings[0])
	}
	return d
}

// tellAll adds to a report what can be known of a finding.
func tellAll(d *report.Document, f *report.DocumentFinding) {
	age := 600 * float64(f.Count)
	f.PID, f.StartTicks = 42, 7
	f.Summary = fmt.Sprintf("holds %d sockets in CLOSE_WAIT that 10.0.0.5:5432 closed", f.Count)
	f.Matters = "at this rate the descriptor limit of 1024 is reached"
	f.Fix = "close the connection on every path: with psycopg.connect(...) as conn, or conn.close() in finally"
	f.Evidence = []string{"the peer's FIN was consumed (recv-q 0) and close() never followed", "no socket of this kind was ever closed"}
	f.Unknown = []string{"whether the program still refers to them is not known"}
	f.Watched = "no thread or epoll set is waiting on them"
	f.Age = &report.DocumentAge{AtLeastSeconds: age}
	line := report.DocumentFrame{Function: "fetch", File: "/srv/api/orders.py", Line: 17, Own: true}
	library := report.DocumentFrame{Function: "connect", File: "/usr/lib/python3/dist-packages/psycopg/connection.py", Line: 98}
	f.Opened = []report.DocumentOpening{{Count: f.Count - 1, Call: "socket", PID: 42, First: d.Time, At: &line}, {Count: 1, Call: "socket", PID: 42, Thread: "pool-3", First: d.Time, Doubt: "the stack ends in code without symbols"}}
	f.Location = &report.DocumentLocation{File: "orders.py", Line: 17}
	fd := int32(9)
	d.Sockets = []report.DocumentSocket{{Finding: f.Fingerprint, Rule: f.Rule, Verdict: "leak", PID: 42, FD: &fd, Proto: "tcp", State: "CLOSE_WAIT",
		Object: &report.DocumentObject{Type: "socket", HeldBy: []string{"pool.idle[3] in orders.py"}}}}
	d.Waiters = []report.DocumentWaiter{{Kind: "thread", PID: 42, ID: 43, Name: "pool-3", Call: "recvfrom", FDs: []int32{9}, Frames: []report.DocumentFrame{library, line}}}
	d.Processes[0].Unit, d.Processes[0].Cwd, d.Processes[0].Command = "api.service", "/srv/api", []string{"/usr/bin/python3", "-m", "api"}
}

// store puts documents into a directory, as record does.
func store(t testing.TB, path string, docs ...*report.Document) (names []archive.Name) {
	t.Helper()
	for _, doc := range docs {
		n, content, err := archive.Encode(doc)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(path, n.String()), content, 0o640); err != nil {
			t.Fatal(err)
		}
		names = append(names, n)
	}
	return names
}

func opened(t testing.TB, path string) *archive.Dir {
	t.Helper()
	d, err := archive.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// aDay is an archive with a day of reports, some of them bad.
func aDay(t testing.TB) *archive.Dir {
	t.Helper()
	path := t.TempDir()
	var docs []*report.Document
	for i := range 145 {
		docs = append(docs, day(i))
	}
	other := day(3)
	other.Host.Name = "web2"
	newer := day(20)
	newer.SchemaVersion = "9.0"
	newer.Time = newer.Time.Add(time.Minute)
	docs = append(docs, other, newer)
	names := store(t, path, docs...)
	cut := filepath.Join(path, names[50].String())
	if err := os.Truncate(cut, 200); err != nil {
		t.Fatal(err)
	}
	edited := filepath.Join(path, names[51].String())
	raw, err := os.ReadFile(edited)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(edited, bytes.Replace(raw, []byte("web1"), []byte("WEB1"), 1), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, "notes.txt"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	return opened(t, path)
}

func read(t testing.TB, d *archive.Dir, opt Options) *Trend {
	t.Helper()
	tr, err := Read(d, opt)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

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
