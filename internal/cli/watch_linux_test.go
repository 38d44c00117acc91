package cli_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestWatchOnTerminal runs watch under a real pseudo terminal: it ends by key
// and by signal, gives the terminal back as it was, and says in the end what
// scan would say.
func TestWatchOnTerminal(t *testing.T) {
	t.Parallel()
	// Under nohup a hang-up is ignored, by what is started too: a handler here
	// makes it the default again after exec.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(hangups) })
	port := leakyShop(t, 3)
	for _, c := range []struct {
		name, want string // want is what the page must show before the end
		env        []string
		end        func(*tty)
	}{
		{"q", "leak[close-wait-eof-read]", nil, func(y *tty) { y.typed("xq") }},
		{"ctrl-c", "\x1b[1;31mleak: 3 sockets leaked\x1b[0m", nil, func(y *tty) { y.typed("\x03") }},
		{"sigterm", "CLOSE_WAIT          3 █", []string{"LANG=C.UTF-8"}, func(y *tty) { y.signal(syscall.SIGTERM) }},
		{"sighup", "CLOSE_WAIT          3 @", []string{"LC_ALL=C", "LANG=C.UTF-8"}, func(y *tty) { y.signal(syscall.SIGHUP) }},
		{"resize", "every 200ms", nil, func(y *tty) { y.resize(30, 6); y.await("leaked\x1b[0m (4 sock\x1b[K"); y.typed("q") }},
		{"no color", "leak[close-wait-eof-read]: shop", []string{"NO_COLOR=1"}, func(y *tty) { y.typed("q") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			y := startOnTTY(t, append(c.env, "TERM=xterm"), "sockleak", "watch", "--port", port, "--every", "200ms")
			y.await("leak: 3 sockets leaked")
			y.await(c.want)
			c.end(y)
			code, out := y.wait()
			page, after, _ := strings.Cut(out, leave)
			switch {
			case code != 3:
				t.Errorf("exit code %d:\n%q", code, out)
			case strings.Count(out, enter) != 1 || strings.Count(out, leave) != 1 || !strings.HasPrefix(page, enter):
				t.Errorf("the alternate screen is entered or left otherwise than once:\n%q", out)
			case !strings.Contains(strings.Join(strings.Fields(after), " "), "holds 3 sockets that clients of port "+port+" closed") || strings.Contains(after, "\x1b[H"):
				t.Errorf("the summary is %q", after)
			case c.name == "no color" && strings.Contains(out, "\x1b[1;31m"):
				t.Errorf("NO_COLOR is set:\n%q", out)
			}
			if y.changed() {
				t.Error("the terminal is left in another mode")
			}
		})
	}
}

// TestWatchOnDumbTerminal: TERM=dumb gets lines, and no escape.
func TestWatchOnDumbTerminal(t *testing.T) {
	t.Parallel()
	port := leakyShop(t, 3)
	y := startOnTTY(t, []string{"TERM=dumb"}, "sockleak", "watch", "--port", port, "--every", "200ms")
	y.await("Z leak: 3 sockets leaked")
	y.typed("\x03") // which the terminal, left as it is, makes a signal
	if code, out := y.wait(); code != 3 || strings.Contains(out, "\x1b") || !strings.Contains(out, "leak[close-wait-eof-read]: shop (pid ") {
		t.Errorf("exit code %d:\n%q", code, out)
	}
}

// What enters and leaves the alternate screen.
const (
	enter = "\x1b[?1049h\x1b[?25l\x1b[?7l"
	leave = "\x1b[?7h\x1b[?25h\x1b[?1049l"
)

// leakyShop starts a shop that has leaked n connections, and returns its port.
func leakyShop(t *testing.T, n int) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "port")
	cmd := exec.Command("shop", "-leak", "-quiet", file)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if out, err := exec.Command("visit", file, fmt.Sprint(n)).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	port, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(port)
}

// tty is a program on a pseudo terminal of its own; see pty(7).
type tty struct {
	t             *testing.T
	master, slave *os.File
	before        *unix.Termios
	cmd           *exec.Cmd
	closed        chan struct{}

	mu  sync.Mutex
	out bytes.Buffer
}

func startOnTTY(t *testing.T, env []string, args ...string) *tty {
	t.Helper()
	y := &tty{t: t, closed: make(chan struct{})}
	y.open()
	y.resize(120, 40)
	y.before = y.modes()
	y.cmd = exec.Command(args[0], args[1:]...)
	y.cmd.Stdin, y.cmd.Stdout, y.cmd.Stderr = y.slave, y.slave, y.slave
	y.cmd.Env = append(append(os.Environ(), "NO_COLOR=", "LC_ALL=", "LC_CTYPE=", "LANG="), env...)
	y.cmd.Dir = t.TempDir()
	y.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := y.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = y.cmd.Process.Kill(); y.master.Close(); y.slave.Close() })
	go y.read()
	return y
}

// open opens both ends.
func (y *tty) open() {
	y.t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		y.t.Fatal(err)
	}
	y.master = os.NewFile(uintptr(fd), "/dev/ptmx")
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err := errors.Join(err, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)); err != nil {
		y.t.Fatal(err)
	}
	if y.slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		y.t.Fatal(err)
	}
}

func (y *tty) read() {
	defer close(y.closed)
	buf := make([]byte, 4096)
	for {
		n, err := y.master.Read(buf)
		y.mu.Lock()
		y.out.Write(buf[:n])
		y.mu.Unlock()
		if err != nil { // EIO when nobody has the terminal open any more
			return
		}
	}
}

func (y *tty) text() string {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.out.String()
}

// await waits until the program has written the text.
func (y *tty) await(want string) {
	y.t.Helper()
	for range 3000 {
		if strings.Contains(y.text(), want) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	y.t.Fatalf("%q does not appear in %q", want, y.text())
}

func (y *tty) typed(keys string) {
	y.t.Helper()
	if _, err := y.master.WriteString(keys); err != nil {
		y.t.Fatal(err)
	}
}

func (y *tty) signal(s os.Signal) {
	y.t.Helper()
	if err := y.cmd.Process.Signal(s); err != nil {
		y.t.Fatal(err)
	}
}

func (y *tty) resize(columns, rows uint16) {
	y.t.Helper()
	if err := unix.IoctlSetWinsize(int(y.master.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: columns, Row: rows}); err != nil {
		y.t.Fatal(err)
	}
}

func (y *tty) modes() *unix.Termios {
	y.t.Helper()
	m, err := unix.IoctlGetTermios(int(y.slave.Fd()), unix.TCGETS)
	if err != nil {
		y.t.Fatal(err)
	}
	return m
}

// changed reports whether the modes of the terminal differ from those at the
// start.
func (y *tty) changed() bool { return *y.modes() != *y.before }

// wait returns the exit code and all that was written.
func (y *tty) wait() (int, string) {
	y.t.Helper()
	late := time.AfterFunc(60*time.Second, func() { _ = y.cmd.Process.Kill() })
	defer late.Stop()
	err := y.cmd.Wait()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		y.t.Fatal(err)
	}
	y.await("\ntcp: ") // of the summary: what is written last may still be on its way
	return y.cmd.ProcessState.ExitCode(), y.text()
}
