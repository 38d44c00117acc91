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

// verdictOf runs sockleak with the programs of this package in PATH, and
// returns the verdict of its JSON report and the exit code.
func verdictOf(t *testing.T, args ...string) (verdict string, code int) {
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
	return doc.Verdict, cmd.ProcessState.ExitCode()
}

// TestCheckIsTheSameEverywhere: where in a run a program leaks, and in what
// company, does not change the verdict.
func TestCheckIsTheSameEverywhere(t *testing.T) {
	t.Parallel()
	for name, command := range map[string]string{
		"alone":                "exec selftest -leak 5 1s",
		"in a shell":           "selftest -leak 5 1s; true",
		"in a shell of shells": "sh -c 'sh -c \"selftest -leak 5 1s; true\"; true'",
		"before a long sleep":  "selftest -leak 5 1s; sleep 8",
		"after a long sleep":   "sleep 6; selftest -leak 5 1s; true",
		"after an exec":        "sleep 6; exec selftest -leak 5 1s",
		"longer than grace":    "exec selftest -leak 5 8s",
		"in short processes":   "for i in 1 2 3 4 5; do selftest -leak 1 600ms; done",
		"side by side":         "for i in 1 2 3 4 5; do selftest -leak 1 1s & done; wait",
		"beside healthy ones":  "selftest 3s & selftest 1s & selftest -leak 5 1s; wait",
		"in the background":    "selftest -leak 5 1s & sleep 3",
		"closed by a shutdown": "exec selftest -leak 5 -shutdown 300ms 2s",
		"left running":         "setsid -f selftest -leak 5 8s",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if verdict, code := verdictOf(t, "check", "--", "sh", "-c", command); verdict != "leak" || code != 3 {
				t.Errorf("verdict %s, exit code %d, want leak and 3", verdict, code)
			}
		})
	}
}

// TestCheckIsTheSameTenTimes runs a leaking and a healthy suite ten times
// each, all at once: they are the load of the machine.
func TestCheckIsTheSameTenTimes(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it makes a load of twenty programs")
	}
	var runs sync.WaitGroup
	for range 10 {
		runs.Go(func() {
			if verdict, code := verdictOf(t, "check", "--", "selftest", "-leak", "5", "2s"); verdict != "leak" || code != 3 {
				t.Errorf("leaking: verdict %s, exit code %d, want leak and 3", verdict, code)
			}
		})
		runs.Go(func() {
			if verdict, code := verdictOf(t, "check", "--", "selftest", "500ms"); verdict != "clean" || code != 0 {
				t.Errorf("healthy: verdict %s, exit code %d, want clean and 0", verdict, code)
			}
		})
	}
	runs.Wait()
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
			checked, _ := verdictOf(t, append([]string{"check", "--", "selftest"}, args...)...)
			cmd := exec.Command(filepath.Join(scriptPrograms(t, "selftest"), "selftest"), args...)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { cmd.Process.Kill(); cmd.Wait() }()
			time.Sleep(500 * time.Millisecond) // its visits are over
			scanned, _ := verdictOf(t, "scan", strconv.Itoa(cmd.Process.Pid), "--for", "7s")
			if checked != scanned {
				t.Errorf("check says %s, scan says %s", checked, scanned)
			}
		})
	}
}
