package cli_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestSoak lets the commands that sample for long look at a program whose peers
// all differ, and wants memory, descriptors and threads to level off. It is scaled down; the
// hour is SOCKLEAK_SOAK=1h go test ./internal/cli -run Soak -v -timeout 3h.
func TestSoak(t *testing.T) {
	d := 12 * time.Second
	if text := os.Getenv("SOCKLEAK_SOAK"); text != "" {
		var err error
		if d, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	t.Parallel()
	every := max(20*time.Millisecond, d/3600)
	pid := crawl(t)
	ever := (10 * d).String()
	for _, args := range [][]string{
		{"watch", "--fail-on", "never"},
		{"check", "--for", ever},
		{"record", "--for", ever, "--dir", t.TempDir()},
	} {
		t.Run(args[0], func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command("sockleak", append(args, pid, "--every", every.String())...)
			cmd.Stderr = os.Stderr
			launch(t, cmd)
			levelsOff(t, cmd.Process.Pid, d, every, func() {})
		})
	}
	t.Run("serve", func(t *testing.T) {
		t.Parallel()
		cmd := exec.Command("sockleak", "serve", pid, "--listen", "127.0.0.1:0")
		stderr, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		launch(t, cmd)
		line, err := bufio.NewReader(stderr).ReadString('\n')
		_, url, ok := strings.Cut(strings.TrimSpace(line), "serving ")
		if err != nil || !ok {
			t.Fatalf("%q, %v", line, err)
		}
		levelsOff(t, cmd.Process.Pid, d, every, func() {
			resp, err := http.Get(url)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != 200 {
				t.Fatalf("%s: %s, %v", url, resp.Status, err)
			}
		})
	})
}

// crawl starts the program whose peers all differ, and returns its pid.
func crawl(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pid")
	launch(t, exec.Command("crawler", file))
	for range 1500 {
		if pid, err := os.ReadFile(file); err == nil && len(pid) > 0 {
			return string(pid)
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("the crawler does not start")
	return ""
}

// launch starts the program until the test ends.
func launch(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

// use is what a process occupies.
type use struct{ rssKB, descriptors, threads int }

// levelsOff lets the process work for the duration, doing something with it
// ever so often, and compares the most that it used in the second and in the
// last third of the time.
func levelsOff(t *testing.T, pid int, d, every time.Duration, do func()) {
	t.Helper()
	var early, late use
	begin := time.Now()
	for time.Since(begin) < d {
		do()
		time.Sleep(every)
		u := useOf(t, pid)
		switch part := 3 * time.Since(begin) / d; {
		case part == 1:
			early = early.most(u)
		case part > 1:
			late = late.most(u)
		}
	}
	t.Logf("second third %+v, last third %+v", early, late)
	if late.rssKB > early.rssKB+early.rssKB/4+4<<10 {
		t.Errorf("resident memory grew from %d to %d KB", early.rssKB, late.rssKB)
	}
	if late.descriptors > early.descriptors+4 || late.threads > early.threads+4 {
		t.Errorf("descriptors from %d to %d, threads from %d to %d", early.descriptors, late.descriptors, early.threads, late.threads)
	}
}

func (u use) most(v use) use {
	return use{max(u.rssKB, v.rssKB), max(u.descriptors, v.descriptors), max(u.threads, v.threads)}
}

func useOf(t *testing.T, pid int) use {
	t.Helper()
	dir := fmt.Sprintf("/proc/%d/", pid)
	status, err := os.ReadFile(dir + "status")
	if err != nil {
		t.Fatal(err)
	}
	fds, err := os.ReadDir(dir + "fd")
	if err != nil {
		t.Fatal(err)
	}
	u := use{descriptors: len(fds)}
	for line := range bytes.Lines(status) {
		fields := strings.Fields(string(line))
		switch {
		case len(fields) > 1 && fields[0] == "VmRSS:":
			u.rssKB, err = strconv.Atoi(fields[1])
		case len(fields) > 1 && fields[0] == "Threads:":
			u.threads, err = strconv.Atoi(fields[1])
		}
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
	}
	if u.rssKB == 0 {
		t.Fatalf("process %d has no memory: it has ended", pid)
	}
	return u
}

// crawler FILE writes its pid into FILE and keeps 300 connections open, to
// addresses of 127.0.0.0/8 of which no two are the same: 1,300 new ones a
// second, each closed by the peer's side first, so that no port is used up.
func crawler(args []string) int {
	l, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		return fail(err)
	}
	const open = 300
	far := make(chan net.Conn, 2*open)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			far <- c
		}
	}()
	if err := os.WriteFile(args[0], []byte(strconv.Itoa(os.Getpid())), 0o644); err != nil {
		return fail(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	var near []net.Conn
	for i := 0; ; i++ {
		c, err := net.Dial("tcp4", fmt.Sprintf("127.%d.%d.%d:%d", 1+i>>16&0x3f, i>>8&0xff, i&0xff, port))
		if err != nil {
			return fail(err)
		}
		if near = append(near, c); len(near) > open {
			reset(<-far)
			near[0].Close()
			near = near[1:]
		}
		time.Sleep(time.Second / 1300)
	}
}

// reset closes a connection without TIME_WAIT.
func reset(c net.Conn) {
	_ = c.(*net.TCPConn).SetLinger(0)
	c.Close()
}
