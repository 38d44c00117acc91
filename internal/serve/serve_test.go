package serve

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// start serves on a free port of the loopback interface until the test ends.
func start(t *testing.T, collect Collect) (addr string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, ln, Handler(collect, "test")) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return ln.Addr().String()
}

func get(t *testing.T, url string) (code int, body string, header http.Header) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(raw), resp.Header
}

func TestEndpoints(t *testing.T) {
	var fail atomic.Bool
	addr := start(t, func(_ context.Context, w io.Writer, _ bool) error {
		fmt.Fprintln(w, "sockleak_x 1")
		if fail.Load() {
			return errors.New("no process matches the target")
		}
		return nil
	})
	code, body, header := get(t, "http://"+addr+"/metrics")
	if code != 200 || body != "sockleak_x 1\n" || !strings.HasPrefix(header.Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Errorf("%d %q %v", code, body, header)
	}
	fail.Store(true)
	if code, body, _ = get(t, "http://"+addr+"/metrics"); code != 503 || body != "no process matches the target\n" {
		t.Errorf("a look that fails: %d %q", code, body)
	}
	if code, body, _ = get(t, "http://"+addr+"/healthz"); code != 200 || body != "ok\n" {
		t.Errorf("healthz: %d %q", code, body)
	}
	if code, _, _ = get(t, "http://"+addr+"/secret"); code != 404 {
		t.Errorf("unknown path: %d", code)
	}
	resp, err := http.Post("http://"+addr+"/metrics", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", resp.StatusCode)
	}
}

func TestOneLookAtATime(t *testing.T) {
	var now, most atomic.Int32
	h := Handler(func(context.Context, io.Writer, bool) error {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		time.Sleep(5 * time.Millisecond)
		now.Add(-1)
		return nil
	}, "test")
	var wg sync.WaitGroup
	for range maxWaiting {
		wg.Go(func() {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
			if w.Code != 200 {
				t.Errorf("scrape: %d", w.Code)
			}
		})
	}
	wg.Wait()
	if most.Load() != 1 {
		t.Errorf("%d looks at a time", most.Load())
	}
}

func TestTooManyScrapes(t *testing.T) {
	release := make(chan struct{})
	h := Handler(func(context.Context, io.Writer, bool) error { <-release; return nil }, "test")
	codes := make(chan int, 2*maxWaiting)
	for range 2 * maxWaiting {
		go func() {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
			codes <- w.Code
		}()
	}
	for range maxWaiting { // those that cannot wait are told at once
		if code := <-codes; code != http.StatusServiceUnavailable {
			t.Errorf("got %d", code)
		}
	}
	close(release)
	for range maxWaiting {
		if code := <-codes; code != 200 {
			t.Errorf("got %d", code)
		}
	}
}

// A scrape that was given up ends its wait, and the look learns of it.
func TestScrapeGivenUp(t *testing.T) {
	h := Handler(func(ctx context.Context, _ io.Writer, _ bool) error { <-ctx.Done(); return ctx.Err() }, "test")
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	for range 2 {
		go func() {
			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/metrics", nil))
			done <- struct{}{}
		}()
	}
	cancel()
	<-done
	<-done
}

// program builds sockleak and serves the sockets of this process with it.
func program(t *testing.T) (addr string) {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "sockleak")
	if out, err := exec.Command("go", "build", "-o", bin, "../../cmd/sockleak").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(bin, "serve", "--listen", "127.0.0.1:0", strconv.Itoa(os.Getpid()))
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			t.Errorf("sockleak serve ended with %v", err)
		}
	})
	line, err := bufio.NewReader(errs).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(line, "http://")
	return strings.TrimSuffix(strings.TrimSpace(rest), "/metrics")
}

// closeWait leaves n sockets of this process in CLOSE_WAIT.
func closeWait(t *testing.T, n int) {
	t.Helper()
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	for range n {
		c, err := net.Dial("tcp4", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		peer, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		peer.Close()
	}
}

// A real Prometheus server scrapes the real program and answers queries.
func TestPrometheusScrapes(t *testing.T) {
	prometheus, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("needs prometheus (Debian's package of that name)")
	}
	if runtime.GOOS != "linux" {
		t.Skip("needs Linux: elsewhere states are read by another source")
	}
	closeWait(t, 7)
	addr := program(t)
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := "global: {scrape_interval: 1s}\nscrape_configs: [{job_name: sockleak, static_configs: [{targets: ['" + addr + "']}]}]\n"
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	web := freeAddr(t)
	cmd := exec.Command(prometheus, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+web)
	errs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for s := bufio.NewScanner(errs); s.Scan(); {
		}
	}()
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	query := "http://" + web + "/api/v1/query?query=" + url.QueryEscape(`sockleak_sockets{job="sockleak",process="serve.test",state="CLOSE_WAIT"} and on(job) up == 1`)
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		value := ask(query)
		if value == "7" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("Prometheus answers %q", value)
		}
	}
}

// ask returns the value of the first series of a query, or what went wrong.
func ask(query string) string {
	resp, err := http.Get(query)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	var answer struct {
		Data struct{ Result []struct{ Value [2]any } }
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return err.Error()
	}
	if len(answer.Data.Result) != 1 {
		return fmt.Sprintf("%d series", len(answer.Data.Result))
	}
	return fmt.Sprint(answer.Data.Result[0].Value[1])
}

// freeAddr returns an address on which nobody listens at the moment.
func freeAddr(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}
