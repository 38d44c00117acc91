package cli_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sockleak/sockleak/internal/cli"
)

// TestMain makes the test binary stand in for the programs that the scripts
// run, each in a process of its own.
func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "6") // scripts spend their time waiting
	testscript.Main(m, map[string]func(){
		"sockleak": func() { os.Exit(cli.Main(os.Args[1:], cli.OS())) },
		"shop":     func() { os.Exit(shop(os.Args[1:])) },
		"visit":    func() { os.Exit(visit(os.Args[1:])) },
		"selftest": func() { os.Exit(selftest(os.Args[1:])) },
		"crawler":  func() { os.Exit(crawler(os.Args[1:])) },
		"hinder":   func() { os.Exit(hinder(os.Args[1:])) },
	})
}

// TestScripts runs every testdata/script/*.txt, each a terminal session.
func TestScripts(t *testing.T) {
	t.Parallel()
	run(t, "testdata/script")
}

// run runs every session of a directory.
func run(t *testing.T, dir string) {
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits,
			"await": await,
		},
		Condition: condition,
		Setup:     setup,
	})
}

// setup lets a script compile with what has been compiled before, and lets
// rustup's rustc find itself: the HOME of a script is not the user's.
func setup(e *testscript.Env) error {
	if cache, err := exec.Command("go", "env", "GOCACHE").Output(); err == nil {
		e.Setenv("GOCACHE", strings.TrimSpace(string(cache)))
	}
	if home, err := os.UserHomeDir(); err == nil && os.Getenv("RUSTUP_HOME") == "" {
		e.Setenv("RUSTUP_HOME", filepath.Join(home, ".rustup"))
	}
	return nil
}

// condition answers [root].
func condition(cond string) (bool, error) {
	if cond != "root" {
		return false, fmt.Errorf("unknown condition %q", cond)
	}
	return os.Geteuid() == 0, nil
}

// lateRuns is how often a program is run that says that the machine was too busy.
const lateRuns = 4

// tooLate is how sockleak says that.
var tooLate = regexp.MustCompile(`(a sample|the next) was \S+ late`)

// exits CODE PROGRAM ARG... runs the program and asserts its exact exit code.
// A check that reached no verdict because a sample was late is run again.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	var failed *exec.ExitError
	for range lateRuns {
		err = ts.Exec(args[1], args[2:]...)
		if !errors.As(err, &failed) || failed.ExitCode() != 4 || want == 4 || !tooLate.MatchString(ts.ReadFile("stderr")) {
			break
		}
	}
	switch {
	case errors.As(err, &failed):
		if got := failed.ExitCode(); got != want {
			ts.Fatalf("exit code %d, want %d", got, want)
		}
	case err != nil:
		ts.Fatalf("%v", err)
	case want != 0:
		ts.Fatalf("exit code 0, want %d", want)
	}
}

// await FILE VAR waits until the file is there and not empty, and puts what
// it says into the variable. Programs write their pid once they are ready.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: await FILE VAR")
	}
	for range 1500 {
		if text, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && len(text) > 0 {
			ts.Setenv(args[1], strings.TrimSpace(string(text)))
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	ts.Fatalf("%s did not appear", args[0])
}
