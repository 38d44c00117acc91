package deploy

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestPrometheusScrapes has a real Prometheus read what the OpenMetrics format
// writes about every fixture, and give back the exemplar of the leaking one.
func TestPrometheusScrapes(t *testing.T) {
	binary, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("needs prometheus (Debian's package of that name)")
	}
	const golden = "../internal/report/testdata/golden"
	served := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept"), "application/openmetrics-text") {
			http.Error(w, "asks for something else", http.StatusNotAcceptable)
			return
		}
		w.Header().Set("Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8")
		http.ServeFile(w, r, filepath.Join(golden, path.Base(r.URL.Path)))
	}))
	defer served.Close()
	files, err := filepath.Glob(golden + "/*.openmetrics")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	config := "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n"
	for _, file := range files {
		config += fmt.Sprintf("- {job_name: %s, metrics_path: /%s, static_configs: [{targets: [%q]}]}\n",
			strings.TrimSuffix(filepath.Base(file), ".openmetrics"), filepath.Base(file), strings.TrimPrefix(served.URL, "http://"))
	}
	api := prometheus(t, binary, config)
	exemplars := api + "/api/v1/query_exemplars?query=" + url.QueryEscape(`sockleak_leaked_socket_age_seconds_bucket{job="leaky"}`) +
		fmt.Sprintf("&start=%d&end=%d", time.Now().Unix()-60, time.Now().Unix()+600)
	deadline := time.Now().Add(time.Minute)
	for {
		up, failed := targets(api)
		answer := get(exemplars)
		if len(failed) == 0 && up == len(files) && strings.Contains(answer, `"labels":{"fingerprint":"fddfffe0374a01f9"},"value":"5400"`) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d targets are up; %v\nexemplars: %s", up, len(files), failed, answer)
		}
		time.Sleep(300 * time.Millisecond)
	}
}

// prometheus starts a server with the configuration, and returns its address.
func prometheus(t *testing.T, binary, config string) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0") // finds a free port
	if err != nil {
		t.Fatal(err)
	}
	at := ln.Addr().String()
	ln.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "--config.file="+file, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+at,
		"--enable-feature=exemplar-storage", "--log.level=warn")
	var log strings.Builder
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	return "http://" + at
}

// targets counts those that are up, and says why others are down.
func targets(api string) (up int, failed []string) {
	var answer struct {
		Data struct {
			ActiveTargets []struct{ Health, LastError, ScrapePool string }
		}
	}
	_ = json.Unmarshal([]byte(get(api+"/api/v1/targets")), &answer) // not up yet: none is
	for _, target := range answer.Data.ActiveTargets {
		switch target.Health {
		case "up":
			up++
		case "down":
			failed = append(failed, target.ScrapePool+": "+target.LastError)
		}
	}
	return up, failed
}

// get returns the body, or "" while nobody answers.
func get(address string) string {
	resp, err := http.Get(address)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return ""
	}
	return string(body)
}
