package cli_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"golang.org/x/sys/unix"
)

// tty is a program on a pseudo terminal of its own (pty(7)), with an emulator
// that shows what it has drawn and answers what it asks the terminal.
type tty struct {
	t             *testing.T
	master, slave *os.File
	before        *unix.Termios
	cmd           *exec.Cmd
	closed        chan struct{}
	emulator      *vt.SafeEmulator

	mu  sync.Mutex // of what follows, and of the cells of the emulator
	out bytes.Buffer
}

func startOnTTY(t *testing.T, env []string, args ...string) *tty {
	t.Helper()
	return startSized(t, 120, 40, env, args...)
}

func startSized(t *testing.T, columns, rows int, env []string, args ...string) *tty {
	t.Helper()
	y := &tty{t: t, closed: make(chan struct{}), emulator: vt.NewSafeEmulator(columns, rows)}
	y.open()
	y.resize(columns, rows)
	y.before = y.modes()
	y.cmd = exec.Command(args[0], args[1:]...)
	y.cmd.Stdin, y.cmd.Stdout, y.cmd.Stderr = y.slave, y.slave, y.slave
	y.cmd.Env = append(append(os.Environ(), "NO_COLOR=", "LC_ALL=", "LC_CTYPE=", "LANG=C.UTF-8", "TERM=xterm"), env...)
	y.cmd.Dir = t.TempDir()
	y.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := y.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = y.cmd.Process.Kill()
		y.master.Close()
		y.slave.Close()
		<-y.closed
		y.emulator.InputPipe().(io.Closer).Close()
	})
	go y.read()
	go func() { _, _ = io.Copy(y.master, y.emulator) }() // what a terminal answers
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
		_, _ = y.emulator.Write(buf[:n])
		y.mu.Unlock()
		if err != nil { // EIO when nobody has the terminal open any more
			return
		}
	}
}

// text is all that was written so far.
func (y *tty) text() string {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.out.String()
}

// screen is what is to be seen, line by line, without blanks at the ends.
func (y *tty) screen() []string {
	y.mu.Lock()
	defer y.mu.Unlock()
	var lines []string
	for row := range y.emulator.Height() {
		var b strings.Builder
		for column := range y.emulator.Width() {
			if c := y.emulator.CellAt(column, row); c != nil && c.Width > 0 {
				b.WriteString(c.Content)
			}
		}
		lines = append(lines, strings.TrimRight(b.String(), " "))
	}
	return lines
}

// await waits until the program has written the text.
func (y *tty) await(want string) {
	y.t.Helper()
	y.until(fmt.Sprintf("%q is written", want), func() bool { return strings.Contains(y.text(), want) })
}

// see waits until all of the texts are on the screen.
func (y *tty) see(want ...string) {
	y.t.Helper()
	y.until(fmt.Sprintf("the screen shows %q", want), func() bool {
		text := strings.Join(y.screen(), "\n")
		for _, w := range want {
			if !strings.Contains(text, w) {
				return false
			}
		}
		return true
	})
}

// gone waits until a text is not on the screen any more.
func (y *tty) gone(text string) {
	y.t.Helper()
	y.until(fmt.Sprintf("the screen does not show %q", text), func() bool { return !strings.Contains(strings.Join(y.screen(), "\n"), text) })
}

// until waits for a condition.
func (y *tty) until(what string, ok func() bool) {
	y.t.Helper()
	for range 3000 {
		if ok() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	y.t.Fatalf("waited in vain until %s; the screen is\n%s\nand what was written ends with %q", what,
		strings.Join(y.screen(), "\n"), y.text()[max(0, len(y.text())-2000):])
}

func (y *tty) typed(keys string) {
	y.t.Helper()
	if _, err := y.master.WriteString(keys); err != nil {
		y.t.Fatal(err)
	}
}

// click presses and releases the mouse at a cell, from 0, as terminals say it in
// mode 1006 of xterm(1).
func (y *tty) click(column, row int) {
	y.t.Helper()
	y.typed(fmt.Sprintf("\x1b[<0;%d;%dM\x1b[<0;%d;%dm", column+1, row+1, column+1, row+1))
}

// rowOf waits for a text on the screen and returns its first row.
func (y *tty) rowOf(want string) (row int) {
	y.t.Helper()
	y.see(want)
	for i, line := range y.screen() {
		if strings.Contains(line, want) {
			return i
		}
	}
	y.t.Fatalf("%q has gone", want)
	return 0
}

// colored reports whether a row of the screen has a colour in its fourth column.
func (y *tty) colored(row int) bool {
	y.mu.Lock()
	defer y.mu.Unlock()
	c := y.emulator.CellAt(3, row)
	return c != nil && c.Style.Fg != nil
}

func (y *tty) signal(s os.Signal) {
	y.t.Helper()
	if err := y.cmd.Process.Signal(s); err != nil {
		y.t.Fatal(err)
	}
}

func (y *tty) resize(columns, rows int) {
	y.t.Helper()
	y.emulator.Resize(columns, rows)
	size := &unix.Winsize{Col: uint16(columns), Row: uint16(rows)}
	if err := unix.IoctlSetWinsize(int(y.master.Fd()), unix.TIOCSWINSZ, size); err != nil {
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

// restored fails when the terminal is not as it was: its modes, its screen, its
// cursor, and what it reports.
func (y *tty) restored() {
	y.t.Helper()
	if *y.modes() != *y.before {
		y.t.Error("the terminal is left in another mode")
	}
	if y.emulator.IsAltScreen() || y.emulator.CursorHidden() {
		y.t.Error("the alternate screen is not left, or the cursor hidden")
	}
	for _, mode := range []string{"1000", "1002", "1003", "1006", "2004", "1049"} { // mouse, paste, screen
		on, off := strings.LastIndex(y.text(), "\x1b[?"+mode+"h"), strings.LastIndex(y.text(), "\x1b[?"+mode+"l")
		if on > off {
			y.t.Errorf("mode %s is left on", mode)
		}
	}
}
