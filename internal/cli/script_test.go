package cli_test

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sockleak/sockleak/internal/cli"
)

// TestMain makes the test binary stand in for the programs that the scripts
// run, each in a process of its own.
func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "8") // scripts spend their time waiting
	testscript.Main(m, map[string]func(){
		"sockleak": func() { os.Exit(cli.Main(os.Args[1:], cli.OS())) },
		"shop":     func() { os.Exit(shop(os.Args[1:])) },
		"visit":    func() { os.Exit(visit(os.Args[1:])) },
		"selftest": func() { os.Exit(selftest(os.Args[1:])) },
	})
}

// TestScripts runs every testdata/script/*.txt, each a terminal session.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// exits CODE PROGRAM ARG... runs the program and asserts its exact exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	var failed *exec.ExitError
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
