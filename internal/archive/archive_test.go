package archive

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sockleak/sockleak/internal/report"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 123456000, time.UTC)

// document is a small report of a host.
func document(host string, at time.Time, sockets int) *report.Document {
	d := &report.Document{
		SchemaVersion: report.SchemaVersion, Verdict: report.Leaky,
		Tool: report.DocumentTool{Name: "sockleak", Version: "test", Command: "record"},
		Time: at, Host: report.DocumentHost{Name: host, BootID: "boot-1", OS: "linux"},
		Processes: []report.DocumentProcess{{PID: 42, StartTicks: 7, Name: "api"}},
	}
	for i := range sockets {
		d.Sockets = append(d.Sockets, report.DocumentSocket{
			PID: 42, Cookie: uint64(i + 1), NetNS: 1, Proto: "tcp", State: "CLOSE_WAIT",
			AgeAtLeastSeconds: float64(i),
		})
	}
	return d
}

func open(t testing.TB, path string) *Dir {
	t.Helper()
	d, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func lock(t testing.TB, d *Dir, host string) *Writer {
	t.Helper()
	w, err := d.Lock(host, os.Getpid(), noon)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Unlock() })
	return w
}

func write(t testing.TB, w *Writer, doc *report.Document) Name {
	t.Helper()
	n, err := w.Write(doc)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWriteAndRead(t *testing.T) {
	path := t.TempDir()
	d := open(t, path)
	w := lock(t, d, "web 1")
	n := write(t, w, document("web 1", noon, 3))
	if n.Host != "web-1" || !n.Time.Equal(noon) {
		t.Errorf("name is %s", n)
	}
	doc, err := d.Read(n)
	if err != nil {
		t.Fatal(err)
	}
	short, err := d.Summary(n)
	if err != nil || short.Sockets != nil || cmp.Diff(doc.Processes, short.Processes) != "" {
		t.Errorf("summary: %+v, %v", short, err)
	}
	if doc.Host.Name != "web 1" || len(doc.Sockets) != 3 || doc.SocketsLeftOut != 0 {
		t.Errorf("read back %+v", doc)
	}
	second := write(t, w, document("web 1", noon.Add(time.Minute), 1))
	for _, link := range []string{"latest.json", "latest-web-1.json"} {
		if to, err := os.Readlink(filepath.Join(path, link)); err != nil || to != second.String() {
			t.Errorf("%s leads to %q (%v), want %s", link, to, err, second)
		}
	}
	info, err := os.Stat(filepath.Join(path, n.String()))
	if err != nil || info.Mode().Perm() != fileMode {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestWriteKeepsTheOldestSockets(t *testing.T) {
	d := open(t, t.TempDir())
	doc := document("h", noon, MaxSockets+5)
	n := write(t, lock(t, d, "h"), doc)
	got, err := d.Read(n)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Sockets) != MaxSockets || got.SocketsLeftOut != 5 || got.Sockets[0].AgeAtLeastSeconds != 5 {
		t.Errorf("%d sockets, %d left out, first %v", len(got.Sockets), got.SocketsLeftOut, got.Sockets[0])
	}
	if len(doc.Sockets) != MaxSockets+5 {
		t.Error("the caller's document was changed")
	}
}

func TestLatestOfSomebodyElseStays(t *testing.T) {
	path := t.TempDir()
	latest := filepath.Join(path, "latest.json")
	if err := os.WriteFile(latest, []byte("my notes"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := open(t, path)
	n, err := lock(t, d, "h").Write(document("h", noon, 0))
	if err == nil || !strings.Contains(err.Error(), "not made by sockleak") || n == (Name{}) {
		t.Errorf("got %v, %v", n, err)
	}
	if raw, _ := os.ReadFile(latest); string(raw) != "my notes" {
		t.Errorf("latest.json was overwritten: %q", raw)
	}
}

func TestTwoHostsShareADirectory(t *testing.T) {
	path := t.TempDir()
	d := open(t, path)
	a, b := lock(t, d, "a"), lock(t, d, "b") // they do not wait for each other
	write(t, a, document("a", noon, 1))
	write(t, b, document("b", noon, 1))
	for i := range 5 {
		write(t, a, document("a", noon.Add(time.Duration(i+1)*time.Second), 1))
	}
	if _, err := a.Prune(Retention{Count: 1}, noon); err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]int{"a": 1, "b": 1, "": 2} {
		names, _, err := d.Names(host, time.Time{})
		if err != nil || len(names) != want {
			t.Errorf("host %q has %d reports, %v; want %d", host, len(names), err, want)
		}
	}
}

func TestLockIsExclusiveAndSaysWho(t *testing.T) {
	d := open(t, t.TempDir())
	w, err := d.Lock("h", 4711, noon)
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Lock("h", 1, noon)
	var held *LockedError
	if !errors.As(err, &held) || held.PID != 4711 || !held.Since.Equal(noon) {
		t.Fatalf("second lock: %v", err)
	}
	if !strings.Contains(err.Error(), "pid 4711, since 2026-11-21T12:00:00Z") {
		t.Errorf("message: %v", err)
	}
	if err := w.Unlock(); err != nil {
		t.Fatal(err)
	}
	lock(t, d, "h")
}

func TestProblems(t *testing.T) {
	path := t.TempDir()
	d := open(t, path)
	w := lock(t, d, "h")
	good := write(t, w, document("h", noon, 2))
	raw, err := os.ReadFile(filepath.Join(path, good.String()))
	if err != nil {
		t.Fatal(err)
	}
	newer := strings.Replace(string(raw), `"schema_version":"1.`, `"schema_version":"99.`, 1)
	retyped := strings.Replace(newer, `"findings":null`, `"findings":"none"`, 1)
	at := noon
	put := func(text string, sealed bool) Name {
		at = at.Add(time.Hour)
		n := Name{Time: at, Host: "h", Sum: checksum([]byte(text))}
		if !sealed {
			n.Sum = "01234567"
		}
		if err := os.WriteFile(filepath.Join(path, n.String()), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return n
	}
	link := Name{Time: noon, Host: "h", Sum: strings.Repeat("a", sumLength)}
	if err := os.Symlink("/etc/passwd", filepath.Join(path, link.String())); err != nil {
		t.Fatal(err)
	}
	huge := Name{Time: noon, Host: "h", Sum: strings.Repeat("b", sumLength)}
	if err := os.WriteFile(filepath.Join(path, huge.String()), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(path, huge.String()), maxReport+1); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		file Name
		want Problem
	}{
		{"truncated", put(string(raw[:len(raw)/2]), false), Truncated},
		{"edited", put(strings.Replace(string(raw), `"api"`, `"API"`, 1), false), Changed},
		{"newer", put(newer, true), Newer},
		{"newer with other types", put(retyped, true), Newer},
		{"not a report", put(`{"hello": 1}`, true), Malformed},
		{"no JSON", put(`hello`, true), Malformed},
		{"of another host", put(strings.Replace(string(raw), `"name":"h"`, `"name":"x"`, 1), true), Malformed},
		{"gone", Name{Time: noon, Host: "h", Sum: strings.Repeat("c", sumLength)}, Unreadable},
		{"symlink", link, NotRegular},
		{"huge", huge, TooBig},
	} {
		var bad *ReportError
		if _, err := d.Read(c.file); !errors.As(err, &bad) || bad.Problem != c.want {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
		if _, err := d.Summary(c.file); !errors.As(err, &bad) || bad.Problem != c.want {
			t.Errorf("%s: summary: got %v, want %s", c.name, err, c.want)
		}
	}
	// An empty file is what a power cut leaves of careless writers.
	empty := put("", false)
	var bad *ReportError
	if _, err := d.Read(empty); !errors.As(err, &bad) || bad.Problem != Truncated {
		t.Errorf("empty: %v", err)
	}
	if _, err := d.Read(good); err != nil {
		t.Errorf("the good report: %v", err)
	}
}

func TestOpenSaysWhatToDo(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(filepath.Join(dir, "none"))
	if !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "mkdir") {
		t.Errorf("missing: %v", err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err = Open(file); err == nil || !strings.Contains(err.Error(), "not a directory") {
		t.Errorf("file: %v", err)
	}
}

func TestNamesSinceAndOrder(t *testing.T) {
	d := open(t, t.TempDir())
	w := lock(t, d, "h")
	for _, m := range []int{3, 1, 2} { // the clock jumped
		write(t, w, document("h", noon.Add(time.Duration(m)*time.Minute), 0))
	}
	names, more, err := d.Names("h", noon.Add(2*time.Minute))
	if err != nil || more != 0 || len(names) != 2 || !names[0].Time.Before(names[1].Time) {
		t.Errorf("names %v, %d more, %v", names, more, err)
	}
}

func TestSelection(t *testing.T) {
	for _, newest := range []bool{true, false} {
		s := selection{limit: 3, newest: newest}
		for _, c := range "hdgbface" {
			s.add(string(c))
		}
		want := "abc"
		if newest {
			want = "fgh"
		}
		if got := strings.Join(s.sorted(), ""); got != want || s.dropped != 5 {
			t.Errorf("newest %v: kept %s, dropped %d", newest, got, s.dropped)
		}
	}
}
