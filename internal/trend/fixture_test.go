package trend

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/archive"
	"github.com/sockleak/sockleak/internal/report"
)

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
