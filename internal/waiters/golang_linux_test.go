package waiters

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// buildGo builds a program of testdata/lines. The environment variable
// SOCKLEAK_GO_RELEASES names further releases of Go to build it with, such as
// "go1.21.0 go1.25.0", which the go command downloads.
func buildGo(t testing.TB, release, name string, args ...string) (exe, source string) {
	t.Helper()
	dir, err := filepath.Abs("../../testdata/lines/" + name)
	if err != nil {
		t.Fatal(err)
	}
	exe = filepath.Join(t.TempDir(), name)
	cmd := exec.Command("go", append(append([]string{"build", "-o", exe}, args...), ".")...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOTOOLCHAIN="+release)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return exe, filepath.Join(dir, "main.go")
}

func TestGoroutines(t *testing.T) {
	for _, release := range append([]string{"local"}, strings.Fields(os.Getenv("SOCKLEAK_GO_RELEASES"))...) {
		for name, args := range map[string][]string{
			"plain":    nil,
			"stripped": {"-ldflags=-s -w", "-trimpath"},
			"pie":      {"-buildmode=pie"},
			"cgo":      {"-ldflags=-linkmode=external"},
		} {
			t.Run(release+"/"+name, func(t *testing.T) {
				if name == "cgo" {
					needCompiler(t)
					t.Setenv("CGO_ENABLED", "1")
				}
				exe, source := buildGo(t, release, "go", args...)
				p := run(t, source, exec.Command(exe))
				checkGo(t, p)
			})
		}
	}
}

func checkGo(t *testing.T, p *running) {
	found := p.check([]want{
		{"accept", "accept", "main.(*server).serve", "waits: accept", nil},
		{"read", "read", "main.next", "inlined: read", [][2]string{{"main.echo", "waits: read"}, {"main.main.func1", "hands over"}}},
		{"deadline", "read", "main.next", "inlined: read", [][2]string{{"main.echo", "waits: read"}}},
		{"generic", "read", "main.(*pool[...]).drain", "waits: generic", nil},
		{"write", "write", "main.flood", "waits: write", nil},
		{"idle", "", "", "", nil},
		{"nobody", "", "", "", nil},
	})
	for role, inodes := range p.inodes {
		for _, inode := range inodes {
			s := found[inode]
			if !s.poller {
				t.Errorf("%s: not known to be registered by the runtime", role)
			}
			for _, w := range s.waiters {
				hour := w.Timeout > time.Minute && w.Timeout <= time.Hour
				if !w.TimeoutKnown || hour != (role == "deadline") || !hour && w.Timeout != 0 {
					t.Errorf("%s: deadline %v, %v", role, w.Timeout, w.TimeoutKnown)
				}
			}
		}
	}
	reader := found[p.inodes["read"][0]].waiters[0]
	if s := reader.Start; s == nil || s.Function != "main.(*server).serve" || s.Line != p.line("starts: read") {
		t.Errorf("started by %+v; want main.(*server).serve:%d", s, p.line("starts: read"))
	}
	if reader.Kind != socket.GoroutineWaiter || reader.ID == 0 || reader.Process.PID != p.pid {
		t.Errorf("goroutine %+v", reader)
	}
}
