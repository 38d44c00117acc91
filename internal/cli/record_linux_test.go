package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/report"
)

// leakOne leaves a socket in CLOSE_WAIT with its EOF read, in this process.
func leakOne(t *testing.T) {
	t.Helper()
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	client, err := net.Dial("tcp4", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	server.Close()
	if n, err := client.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Fatalf("read %d bytes, %v", n, err)
	}
	ln.Close()
	t.Cleanup(func() { client.Close() })
}

func TestRecordAcrossRuns(t *testing.T) {
	leakOne(t)
	dir := t.TempDir()
	self := strconv.Itoa(os.Getpid())
	begin := time.Now()
	for hour := range 3 {
		prom := filepath.Join(dir, "out.prom")
		at := begin.Add(time.Duration(hour) * time.Hour)
		if code, out, errs := run(at, "record", self, "--dir", dir, "-o", "prometheus="+prom); code != 0 || out != "" || errs != "" {
			t.Fatalf("run %d: code %d, stdout %q, stderr %q", hour, code, out, errs)
		}
		if raw, err := os.ReadFile(prom); err != nil || strings.Contains(string(raw), "sockleak_leaked_sockets{") != (hour > 0) {
			t.Errorf("metrics: %v\n%s", err, raw)
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, "latest.json"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := report.ParseDocument(raw)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, s := range doc.Sockets {
		if s.State == "CLOSE_WAIT" && s.FirstSeen != nil && doc.Time.Sub(*s.FirstSeen) > 2*time.Hour-time.Second {
			found = s.AgeAtLeastSeconds > 7199
		}
	}
	if !found || doc.Looks != 3 {
		t.Errorf("no socket is two hours old after %d looks:\n%s", doc.Looks, raw)
	}
	if code, out, _ := run(begin.Add(2*time.Hour), "trend", "--dir", dir, "--fail-on", "growing"); code != 0 || strings.Contains(out, "warning") {
		t.Errorf("nothing grows: code %d\n%s", code, out)
	}
	if code, out, _ := run(begin.Add(20*time.Hour), "trend", "--dir", dir, "--fail-on", "growing"); code != exitUnseen || !strings.Contains(out, "warning: the last report is 18h old") {
		t.Errorf("reports have stopped: code %d\n%s", code, out)
	}
	code, out, _ := run(begin.Add(2*time.Hour), "trend", "--dir", dir, "-o", "json", "--since", "90m")
	var tr struct {
		Reports  int
		Findings []struct{ Rule, Status string }
	}
	if err := json.Unmarshal([]byte(out), &tr); err != nil || code != 0 || tr.Reports != 2 || len(tr.Findings) == 0 {
		t.Errorf("trend: code %d, %v\n%s", code, err, out)
	}
	if code, _, _ := run(begin.Add(3*time.Hour), "record", self, "--dir", dir, "--fail-on", "leak"); code != exitFound {
		t.Errorf("--fail-on leak: code %d", code)
	}
}

// TestTrendFailsOnGrowth: one more socket is leaked before each run.
func TestTrendFailsOnGrowth(t *testing.T) {
	dir := t.TempDir()
	self := strconv.Itoa(os.Getpid())
	at := time.Now()
	for i := range 12 {
		leakOne(t)
		at = at.Add(time.Minute)
		if code, _, errs := run(at, "record", self, "--dir", dir); code != 0 {
			t.Fatalf("run %d: code %d, %s", i, code, errs)
		}
	}
	code, out, _ := run(at.Add(time.Minute), "trend", "--dir", dir, "--fail-on", "growing")
	if code != exitFound || !strings.Contains(out, "growing") {
		t.Errorf("code %d\n%s", code, out)
	}
	if code, _, _ := run(at.Add(time.Minute), "trend", "--dir", dir); code != 0 {
		t.Errorf("without --fail-on: code %d", code)
	}
}

func TestRecordKeeps(t *testing.T) {
	dir := t.TempDir()
	self := strconv.Itoa(os.Getpid())
	for i := range 4 {
		if code, _, errs := run(time.Now().Add(time.Duration(i)*time.Minute), "record", self, "--dir", dir, "--keep", "2"); code != 0 {
			t.Fatal(code, errs)
		}
	}
	if list, _ := filepath.Glob(filepath.Join(dir, "sockleak-*.json")); len(list) != 2 {
		t.Errorf("kept %v", list)
	}
}

func TestRecordToStdout(t *testing.T) {
	code, out, errs := run(time.Now(), "record", strconv.Itoa(os.Getpid()), "-o", "ndjson")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != 0 || errs != "" || !json.Valid([]byte(lines[len(lines)-1])) {
		t.Errorf("code %d, stderr %q, stdout %q", code, errs, out)
	}
}

func TestRecordAndTrendBadInput(t *testing.T) {
	empty := t.TempDir()
	self := strconv.Itoa(os.Getpid())
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"record"}, exitUsage, "record needs --dir"},
		{[]string{"record", self, "--dir", "/does/not/exist"}, exitFailed, "mkdir -m 0750 /does/not/exist"},
		{[]string{"record", self, "--dir", "/proc/self/status"}, exitFailed, "not a directory"},
		{[]string{"record", self, "--dir", empty, "--keep", "-1"}, exitUsage, "cannot be negative"},
		{[]string{"record", self, "--dir", empty, "--keep-bytes", "many"}, exitUsage, "not a size"},
		{[]string{"record", self, "--dir", empty, "--keep-age", "old"}, exitUsage, "not a duration"},
		{[]string{"trend"}, exitUsage, "trend needs --dir"},
		{[]string{"trend", "--dir", empty}, exitFailed, "no usable report"},
		{[]string{"trend", "--dir", "/does/not/exist"}, exitFailed, "name the directory that record writes to"},
		{[]string{"trend", "--dir", empty, "--fail-on", "leak"}, exitUsage, "use growing or never"},
		{[]string{"trend", "--dir", empty, "-o", "pie"}, exitUsage, "use one of table, json, html"},
		{[]string{"trend", "--dir", empty, "-o", "json", "-o", "table"}, exitUsage, "only one output"},
		{[]string{"trend", "--dir", empty, "--process", "("}, exitUsage, "--process"},
		{[]string{"trend", "--dir", empty, "--since", "yesterday"}, exitUsage, "--since"},
		{[]string{"serve", "--listen", "nowhere"}, exitFailed, "--listen"},
	} {
		code, out, errs := run(time.Now(), c.args...)
		if code != c.code || out != "" || !strings.Contains(errs, c.want) || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: code %d, stdout %q, stderr %q", c.args, code, out, errs)
		}
	}
}

func TestRecordOverlap(t *testing.T) {
	dir := t.TempDir()
	env := Env{Now: time.Now}
	s, err := openStore(env, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	code, _, errs := run(time.Now(), "record", strconv.Itoa(os.Getpid()), "--dir", dir)
	if code != exitFailed || !strings.Contains(errs, fmt.Sprintf("in use by another sockleak record (pid %d", os.Getpid())) {
		t.Errorf("code %d, %q", code, errs)
	}
}

func TestServe(t *testing.T) {
	leakOne(t)
	talk, w := io.Pipe()
	env := Env{Stderr: w, Getenv: os.Getenv, Now: time.Now}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	o := serveOptions{listen: "127.0.0.1:0"}
	o.addInput(&cobra.Command{}) // for the defaults
	go func() {
		err := runServe(ctx, env, &o, []string{strconv.Itoa(os.Getpid())})
		w.CloseWithError(err)
		done <- err
	}()
	line := make([]byte, 256)
	n, err := talk.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	url := regexp.MustCompile(`http://\S+`).FindString(string(line[:n]))
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || resp.StatusCode != 200 || !strings.Contains(string(body), `sockleak_sockets{process="cli.test",state="CLOSE_WAIT"}`) {
		t.Errorf("%d %v\n%s", resp.StatusCode, err, body)
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("serve ended with %v", err)
	}
}

func TestSchema(t *testing.T) {
	code, out, _ := run(time.Now(), "schema")
	if code != 0 || !json.Valid([]byte(out)) {
		t.Errorf("code %d: %q", code, out)
	}
}
