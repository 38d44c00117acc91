package cli

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestLittleRoom: however few descriptors there are, sockleak says what is
// wrong in one line, and never ends in a trace of the runtime's.
func TestLittleRoom(t *testing.T) {
	if os.Getenv("ROOM_TEST") != "" {
		code, out, errs := run(time.Unix(1, 0), "schema")
		if code == 0 && len(out) == 0 || code != 0 && (strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "ulimit -n")) {
			t.Errorf("exit code %d, %d bytes, %q", code, len(out), errs)
		}
		if code != 0 {
			os.Exit(7)
		}
		return
	}
	refused := 0
	for limit := 4; limit < 40; limit += 2 {
		// Go raises the soft limit as far as the hard one lets it.
		cmd := exec.Command("sh", "-c", "ulimit -n "+strconv.Itoa(limit)+` && exec "$0" -test.run '^TestLittleRoom$'`, os.Args[0])
		cmd.Env = append(os.Environ(), "ROOM_TEST=1")
		out, err := cmd.CombinedOutput()
		if strings.Contains(string(out), "fatal error") || strings.Contains(string(out), "FAIL") {
			t.Errorf("limit %d: %v\n%s", limit, err, out)
		}
		if cmd.ProcessState.ExitCode() == 7 {
			refused++
		}
	}
	if refused == 0 {
		t.Error("no limit was too small")
	}
}
