package cli_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestCheckStops: Ctrl-Z stops the check together with its command, and fg
// continues both, whoever of the two is stopped first: the one is the tracer of the
// other.
func TestCheckStops(t *testing.T) {
	t.Parallel()
	for name, flags := range map[string]string{"at the exit": "", "everywhere": "--trace", "nowhere": "--stop-at-exit=false"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := startOnTTY(t, nil, "sh", "-c", `set -m
				sockleak check $0 -- sh -c 'echo started $$.; read line; echo got $line; exit 5'
				echo stopped; read line; fg; echo code $?`, flags)
			y.await(".\r\n")
			pid := regexp.MustCompile(`started (\d+)\.`).FindStringSubmatch(y.text())[1]
			y.typed("\x1a")
			y.await("stopped")
			y.until("the command is stopped too, and reads no more", func() bool { return stopped(pid) })
			y.typed("\n")
			y.await("sockleak check") // fg says what it continues
			y.typed("text\n")
			y.await("got text")
			y.await("code 5")
			_ = y.cmd.Wait()
		})
	}
}

// stopped reports whether a process is stopped, be it for its tracer.
func stopped(pid string) bool {
	status, _ := os.ReadFile("/proc/" + pid + "/status")
	return regexp.MustCompile(`(?m)^State:\t[Tt] `).Match(status)
}

// TestCheckInBackground: a check behind a shell's & reads nothing from the terminal
// and does not take it, so that it is not stopped.
func TestCheckInBackground(t *testing.T) {
	t.Parallel()
	for name, flags := range map[string]string{"at the exit": "", "everywhere": "--trace"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := startOnTTY(t, nil, "sh", "-c", `set -m; sockleak check $0 -- sh -c 'sleep 0.3; exit 5' & wait %1; echo code $?`, flags)
			y.await("code 5")
			_ = y.cmd.Wait()
			if strings.Contains(y.text(), "Stopped") {
				t.Errorf("it was stopped:\n%s", y.text())
			}
		})
	}
}
