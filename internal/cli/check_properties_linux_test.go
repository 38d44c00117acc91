package cli_test

import (
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

// outcome is what a run of sockleak came to.
type outcome struct {
	verdict string
	code    int
}

func (o outcome) leaked() bool { return o.verdict == "leak" && o.code == 3 }

func (o outcome) healthy() bool { return o.verdict == "clean" && o.code == 0 }

// outcomeOf runs sockleak with the programs of this package in PATH, and
// returns what its JSON report and its exit code say.
func outcomeOf(t *testing.T, args ...string) outcome {
	t.Helper()
	report := filepath.Join(t.TempDir(), "report.json")
	dash := len(args)
	for i, a := range args {
		if a == "--" {
			dash = i
			break
		}
	}
	full := append([]string{args[0], "-o", "table", "-o", "json=" + report}, args[1:dash]...)
	cmd := exec.Command(filepath.Join(scriptPrograms(t, "sockleak"), "sockleak"), append(full, args[dash:]...)...)
	cmd.Env = append(os.Environ(), "PATH="+scriptPrograms(t, "selftest", "shop", "visit")+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	var doc struct{ Verdict string }
	data, err := os.ReadFile(report)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s\n%s", strings.Join(args, " "), out)
	return outcome{doc.Verdict, cmd.ProcessState.ExitCode()}
}

// forgets is a program in Python whose connections are closed by their clients,
// and not by it.
const forgets = `
import socket, time
l = socket.create_server(('127.0.0.1', 0))
kept = []
for i in range(5):
    c = socket.create_connection(l.getsockname())
    s = l.accept()[0]
    c.close()
    s.recv(1)
    kept.append(s)
time.sleep(2)
`

// TestCheckIsTheSameEverywhere: where in a run a program leaks, and in what
// company, does not change the verdict.
func TestCheckIsTheSameEverywhere(t *testing.T) {
	t.Parallel()
	for name, command := range map[string]string{
		"alone":                "exec selftest -leak 5 1s",
		"for a moment":         "exec selftest -leak 5 100ms",
		"in a shell":           "selftest -leak 5 1s; true",
		"in a shell of shells": "sh -c 'sh -c \"selftest -leak 5 1s; true\"; true'",
		"before a long sleep":  "selftest -leak 5 1s; sleep 8",
		"after a long sleep":   "sleep 6; selftest -leak 5 1s; true",
		"after an exec":        "sleep 6; exec selftest -leak 5 1s",
		"longer than grace":    "exec selftest -leak 5 8s",
		"in short processes":   "for i in 1 2 3 4 5; do selftest -leak 1 600ms; done",
		"in shorter processes": "for i in 1 2 3 4 5; do selftest -leak 1 100ms; done",
		"side by side":         "for i in 1 2 3 4 5; do selftest -leak 1 1s & done; wait",
		"beside healthy ones":  "selftest 3s & selftest 1s & selftest -leak 5 1s; wait",
		"in the background":    "selftest -leak 5 1s & sleep 3",
		"closed by a shutdown": `exec python3 -c "` + forgets + `"`, // CPython closes what is left
		"left running":         "setsid -f selftest -leak 5 8s",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := outcomeOf(t, "check", "--", "sh", "-c", command); !got.leaked() {
				t.Errorf("%+v, want a leak", got)
			}
		})
	}
}

// TestCheckIsTheSameTenTimes runs leaking and healthy suites ten times each, all
// at once: they are the load of the machine.
func TestCheckIsTheSameTenTimes(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it makes a load of twenty programs")
	}
	for _, life := range []string{"200ms", "500ms", "2s"} {
		var runs sync.WaitGroup
		for range 10 {
			runs.Go(func() {
				if got := outcomeOf(t, "check", "--", "selftest", "-leak", "5", life); !got.leaked() {
					t.Errorf("leaking for %s: %+v", life, got)
				}
			})
			runs.Go(func() {
				if got := outcomeOf(t, "check", "--", "selftest", life); !got.healthy() {
					t.Errorf("healthy for %s: %+v", life, got)
				}
			})
		}
		runs.Wait()
	}
}

// TestCheckAgreesWithScan: the same program gets the same level from a look
// from outside as from a check that started it.
func TestCheckAgreesWithScan(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"leaking": {"-leak", "5", "9s"},
		"healthy": {"9s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checked := outcomeOf(t, append([]string{"check", "--", "selftest"}, args...)...)
			cmd := exec.Command(filepath.Join(scriptPrograms(t, "selftest"), "selftest"), args...)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { cmd.Process.Kill(); cmd.Wait() }()
			time.Sleep(500 * time.Millisecond) // its visits are over
			scanned := outcomeOf(t, "scan", strconv.Itoa(cmd.Process.Pid), "--for", "7s")
			if checked.verdict != scanned.verdict {
				t.Errorf("check says %+v, scan says %s", checked, scanned.verdict)
			}
		})
	}
}
