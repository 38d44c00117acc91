package cli_test

import (
	"bufio"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the pages of testdata/founding")

// foundingCases are the cases that sockleak was begun for, each a Python
// program in testdata/founding with the page that it must give, and its exit
// code.
var foundingCases = map[string]struct {
	serves bool // the program is the server, its peer the client
	young  bool // what it is about is gone after a minute
	code   int
	args   []string
}{
	"exception":   {code: 3},
	"asyncio":     {code: 3, serves: true},
	"transfer":    {code: 0}, // a suspicion for five minutes: the peer may read on
	"shutdown":    {code: 3},
	"half-close":  {code: 3},
	"time-wait":   {code: 0, young: true},
	"makefile":    {code: 3},
	"reference":   {code: 0}, // a suspicion: it may be a pool
	"dead-peer":   {code: 3},
	"select":      {code: 3, serves: true},
	"zero-window": {code: 3, serves: true},
	"child":       {code: 3, args: []string{"--tree"}},
	"dup":         {code: 3},
}

// old is how old the sockets are when they are looked at: a little more than
// the proof period.
const old = 31 * time.Second

// TestFounding starts all programs, waits once until their sockets are old, and
// looks at each of them for a second.
func TestFounding(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("needs root: a peer that vanishes closes its socket in repair mode")
	}
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("needs python3")
	}
	check := func(t *testing.T, name string, target *exec.Cmd) {
		page, code := scanPage(t, target.Process.Pid, foundingCases[name].args)
		if want := foundingCases[name].code; code != want {
			t.Errorf("exit code %d, want %d", code, want)
		}
		comparePage(t, filepath.Join("testdata/founding", name, "page"), page)
	}
	targets := map[string]*exec.Cmd{}
	for name, c := range foundingCases {
		if c.young {
			t.Run(name, func(t *testing.T) {
				needSmallTable(t)
				check(t, name, startFounding(t, name, c.serves))
			})
		} else {
			targets[name] = startFounding(t, name, c.serves)
		}
	}
	time.Sleep(old)
	for name, target := range targets {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, name, target)
		})
	}
}

// needSmallTable waits while other programs have so many sockets that sockleak
// does not walk over all of them to count those in TIME_WAIT, and skips when
// that does not end.
func needSmallTable(t *testing.T) {
	t.Helper()
	n := 0
	for range 120 { // TIME_WAIT lasts a minute
		if n = tableSize(t); n <= 15_000 {
			return
		}
		time.Sleep(time.Second)
	}
	t.Skipf("other programs have %d TCP sockets: TIME_WAIT is not counted then", n)
}

// tableSize is how many TCP sockets there are, those in TIME_WAIT included.
func tableSize(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/net/sockstat")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`TCP: .* tw (\d+) alloc (\d+)`).FindSubmatch(text)
	if m == nil {
		t.Fatalf("sockstat says %q", text)
	}
	timeWait, _ := strconv.Atoi(string(m[1]))
	alloc, _ := strconv.Atoi(string(m[2]))
	return timeWait + alloc
}

// startFounding starts a program and its peer, and returns once the program is
// in its state. The one that serves prints its port, the other one "ready".
func startFounding(t *testing.T, name string, serves bool) *exec.Cmd {
	t.Helper()
	server, client := "peer.py", "app.py"
	if serves {
		server, client = client, server
	}
	first, port := startPython(t, filepath.Join("testdata/founding", name, server))
	second, ready := startPython(t, filepath.Join("testdata/founding", name, client), port)
	if ready != "ready" {
		t.Fatalf("%s: %q", name, ready)
	}
	if serves {
		return first
	}
	return second
}

// startPython starts a program and returns the first line that it prints.
func startPython(t *testing.T, args ...string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command("python3", args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // its children too
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return cmd, strings.TrimSpace(line)
}

func scanPage(t *testing.T, pid int, args []string) (page string, code int) {
	t.Helper()
	cmd := exec.Command(filepath.Join(scriptPrograms(t, "sockleak"), "sockleak"), append([]string{"scan", strconv.Itoa(pid), "--for", "1s"}, args...)...)
	out, err := cmd.CombinedOutput()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// comparePage compares a page with the one that is kept, but for the numbers
// that differ from run to run.
func comparePage(t *testing.T, file, page string) {
	t.Helper()
	for _, r := range []struct{ pattern, with string }{
		{`(?m)^  (service|next) .*\n`, ""},
		{`(?m)^  command .*/(\w+\.py).*$`, "  command   $1"},
		{`(?m)^  command .*sleep 600$`, "  command   sleep 600"},
		{`(pid|port|thread|fd) \d+`, "$1 N"},
		{`127\.0\.0\.1:\d+`, "127.0.0.1:N"},
		{`(\d+(\.\d+)?(ms|[smh]))+\b`, "T"},
		{`\d{4,} bytes`, "N bytes"},
		{`\d+ %`, "N %"},
		{`loop app\.py:(10|15)`, "loop app.py:N"}, // it runs while it is looked at
	} {
		page = regexp.MustCompile(r.pattern).ReplaceAllString(page, r.with)
	}
	if *update {
		if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if page != string(want) {
		t.Errorf("the page is\n%s\nwant\n%s", page, want)
	}
}
