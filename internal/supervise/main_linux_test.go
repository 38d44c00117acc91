package supervise_test

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/sockleak/sockleak/internal/supervise"
)

// TestMain lets the test binary stand in for two programs: for one that
// supervises its arguments as `sockleak check --` would, and ends with their
// exit code; and for one that waits for a signal.
func TestMain(m *testing.M) {
	role := os.Getenv(roleEnv)
	os.Unsetenv(roleEnv)
	switch {
	case role == "supervise":
		os.Exit(superviseArgs(os.Args[1:]))
	case len(os.Args) == 2 && os.Args[1] == awaitSignal:
		os.Exit(await())
	}
	os.Exit(m.Run())
}

const (
	roleEnv     = "SUPERVISE_TEST_ROLE"
	awaitSignal = "await-signal"
)

// await says that it is ready, and exits with the number of the first signal.
func await() int {
	came := make(chan os.Signal, 1)
	signal.Notify(came)
	fmt.Println("ready")
	for sig := range came {
		if sig != syscall.SIGURG { // the Go runtime's own
			return int(sig.(syscall.Signal))
		}
	}
	return 0
}

func superviseArgs(args []string) int {
	sup, err := supervise.New()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return supervise.CodeFailed
	}
	defer sup.Close()
	tree, err := sup.Start(supervise.Command{Args: args, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return supervise.CodeFailed
	}
	return tree.Exit().Status()
}

// start runs a command under a supervisor of its own and ends all of it when
// the test is over.
func start(t *testing.T, stdout *os.File, args ...string) *supervise.Tree {
	t.Helper()
	sup, err := supervise.New()
	if err != nil {
		t.Fatal(err)
	}
	tree, err := sup.Start(supervise.Command{Args: args, Stdout: stdout, Stderr: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tree.End(0); err != nil {
			t.Error(err)
		}
		if err := sup.Close(); err != nil {
			t.Error(err)
		}
	})
	return tree
}
