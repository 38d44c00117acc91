package corpus

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestHowOneAsks: the same program gets the same verdict, whoever asks, from
// where, by which name and for how long, on one processor or on all, and in
// whatever company.
func TestHowOneAsks(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, for a network namespace")
	}
	for _, tool := range []string{"ss", "nsenter", "taskset", "setpriv"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("needs %s: apt-get install iproute2 util-linux", tool)
		}
	}
	sockleak := build(t)
	// The system's own python3: one in root's home is none for nobody.
	nobody := []string{"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "PATH=/usr/bin:/bin"}
	pinned, crowded := []string{"taskset", "-c", "0"}, []string{"python3", "-c", crowd}
	const leaky, healthy = "close-wait-eof-read/leaky.py", "slow-upstream/clean.py"
	var plays sync.WaitGroup // not t.Parallel: they sleep, and do not need a processor each
	for _, run := range []struct {
		program, level string // level is what must be said, "" for nothing
		by             []string
	}{
		{leaky, "leak", nil}, {leaky, "leak", pinned}, {leaky, "leak", nobody}, {leaky, "leak", crowded},
		{healthy, "", nil}, {healthy, "", pinned}, {healthy, "", nobody}, {healthy, "", crowded},
	} {
		plays.Go(func() {
			cases, err := Cases(programs, "^"+run.program+"$")
			if err != nil || len(cases) != 1 {
				t.Error(cases, err)
				return
			}
			play, err := Start(t.Context(), programs, cases[0], run.by...)
			if err != nil {
				t.Error(err)
				return
			}
			defer play.Stop()
			var asked sync.WaitGroup
			for _, way := range ways(t, play.PID) {
				asked.Go(func() {
					level, said := way.ask(t.Context(), sockleak, play.PID)
					less := way.owner && run.level == "leak" && level == "suspect" // who sees less may say less
					if level != run.level && !less {
						t.Errorf("%s %.20q, %+v: %q, want %q\n%.3000s", run.program, run.by, way, level, run.level, said)
					}
				})
			}
			asked.Wait()
		})
	}
	plays.Wait()
}

// crowd opens 4,000 idle connections in the same namespace, and then runs its
// arguments beside them.
const crowd = `
import os, resource, socket, sys
if os.fork():
    os.execvp(sys.argv[1], sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (9000, 9000))
listener = socket.create_server(("127.0.0.1", 0), backlog=64)
kept = []
for n in range(4000):
    kept.append(socket.create_connection(listener.getsockname()))
    kept.append(listener.accept()[0])
sys.stdin.read()
`

// way is one way to ask for the verdict on a process.
type way struct {
	words  string
	inside bool // in the network namespace of the process
	owner  bool // as the user nobody
}

// ways returns those that are compared. What is asked for longer comes to no
// less: the leak is there in one look, and the healthy program stays healthy.
func ways(t *testing.T, pid int) []way {
	t.Helper()
	id := strconv.Itoa(pid)
	list := []way{
		{"scan " + id, true, false},
		{"scan " + id, false, false},
		{"scan " + id + " --for 3s", true, false},
		{"scan " + id + " --for 12s", true, false},
		{"scan " + id + " --tree --for 3s", false, false},
		{"scan --port " + port(t, pid), true, false},
		{"scan --name python3", true, false},
		{"scan", true, false},
		{"scan", false, false},
	}
	if ownedByNobody(t, pid) {
		list = append(list, way{"scan " + id, true, true}, way{"scan " + id + " --for 3s", true, true})
	}
	return list
}

// ownedByNobody reports whether the process runs as the user 65534.
func ownedByNobody(t *testing.T, pid int) bool {
	t.Helper()
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		t.Error(err)
	}
	return bytes.Contains(status, []byte("Uid:\t65534"))
}

// port returns the port that the process listens on, as ss(8) tells it.
func port(t *testing.T, pid int) string {
	t.Helper()
	id := strconv.Itoa(pid)
	out, err := exec.Command("nsenter", "--net=/proc/"+id+"/ns/net", "ss", "-Hltnp").Output()
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "pid="+id+",") {
			local := strings.Fields(line)[3]
			return local[strings.LastIndexByte(local, ':')+1:]
		}
	}
	t.Errorf("pid %d does not listen: %v\n%s", pid, err, out)
	return "1"
}

// ask runs sockleak and returns the highest level, above a note, of what it
// finds in the process, and its report.
func (w way) ask(ctx context.Context, sockleak string, pid int) (level, said string) {
	words := append([]string{sockleak}, strings.Fields(w.words)...)
	words = append(words, "-o", "json")
	if w.inside {
		enter := []string{"nsenter", "--net=/proc/" + strconv.Itoa(pid) + "/ns/net"}
		if w.owner {
			enter = append(enter, "--setuid=65534", "--setgid=65534")
		}
		words = append(enter, words...)
	}
	out, err := exec.CommandContext(ctx, words[0], words[1:]...).Output()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		return err.Error(), ""
	}
	var doc struct {
		Findings []struct {
			Level string
			PID   int
		}
		Sockets []struct {
			Verdict string
			PID     int
		}
	}
	if err := json.Unmarshal(out, &doc); err != nil {
		if failed != nil {
			out = append(out, failed.Stderr...)
		}
		return err.Error(), string(out)
	}
	worse := func(found string, of int) {
		if of == pid && found != "note" && (level == "" || found == "leak") {
			level = found
		}
	}
	for _, f := range doc.Findings {
		worse(f.Level, f.PID)
	}
	for _, s := range doc.Sockets { // of a finding about several processes
		worse(s.Verdict, s.PID)
	}
	return level, string(out)
}

// build builds sockleak where every user may run it.
func build(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "asking-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "sockleak")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "../../cmd/sockleak").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}
