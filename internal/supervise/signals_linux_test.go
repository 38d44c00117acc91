package supervise_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// supervised prepares the test binary as a process that supervises args.
func supervised(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), roleEnv+"=supervise")
	cmd.Stderr = os.Stderr
	return cmd
}

// heed makes signals that the tests were started to ignore, as a shell starts
// what runs in the background, ones that their children take note of: a signal
// that is caught has its default action after execve(2), one that is ignored
// stays so.
func heed(t *testing.T, sig ...os.Signal) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, sig...)
	t.Cleanup(func() { signal.Stop(c) })
}

func TestForward(t *testing.T) {
	for _, tc := range []struct {
		sig  syscall.Signal
		name string
	}{
		{unix.SIGINT, "INT"}, {unix.SIGTERM, "TERM"}, {unix.SIGHUP, "HUP"},
		{unix.SIGQUIT, "QUIT"}, {unix.SIGUSR1, "USR1"}, {unix.SIGUSR2, "USR2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			heed(t, tc.sig)
			cmd := supervised(os.Args[0], awaitSignal)
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no terminal
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
				t.Fatalf("read %q, %v", line, err)
			}
			if err := cmd.Process.Signal(tc.sig); err != nil {
				t.Fatal(err)
			}
			cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != int(tc.sig) {
				t.Errorf("exit code %d, want %d: the command did not get the signal", code, tc.sig)
			}
		})
	}
}

// TestForwardKeepsIgnored: under nohup(1) a hang-up ends nothing.
func TestForwardKeepsIgnored(t *testing.T) {
	cmd := supervised("sh", "-c", "kill -HUP $PPID; kill -HUP $$; exit 9")
	nohup := exec.Command("sh", append([]string{"-c", `trap '' HUP; exec "$@"`, "sh"}, cmd.Args...)...)
	nohup.Env, nohup.Stderr = cmd.Env, os.Stderr
	nohup.Run()
	if code := nohup.ProcessState.ExitCode(); code != 9 {
		t.Errorf("exit code %d, want 9: the ignored signal did something", code)
	}
}

// TestTerminalInterruptsOnce: Ctrl-C on a terminal reaches the command by
// the terminal alone, and a signal from elsewhere by forwarding.
func TestTerminalInterruptsOnce(t *testing.T) {
	heed(t, unix.SIGINT)
	master, slave := openPTY(t)
	cmd := supervised("sh", "-c", `n=0; trap 'n=$((n+1)); echo got $n' INT; trap 'exit $n' TERM; echo ready
		while :; do sleep 0.05; done`)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	slave.Close()
	lines := bufio.NewScanner(master)
	expect := func(want string) {
		t.Helper()
		for lines.Scan() {
			if strings.Contains(lines.Text(), want) {
				return
			}
		}
		t.Fatalf("the terminal never showed %q: %v", want, lines.Err())
	}
	expect("ready")
	if _, err := master.Write([]byte{3}); err != nil { // Ctrl-C
		t.Fatal(err)
	}
	expect("got 1")
	if err := cmd.Process.Signal(unix.SIGTERM); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 1 {
		t.Errorf("the command counted %d interrupts, want 1", code)
	}
}

func openPTY(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	fd := int(master.Fd())
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	slave, err = os.OpenFile(fmt.Sprint("/dev/pts/", strconv.Itoa(n)), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return master, slave
}
