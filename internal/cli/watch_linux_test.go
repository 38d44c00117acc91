package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestWatchEnds runs watch under a real pseudo terminal: it ends by key and by
// signal, gives the terminal back as it was, and says in the end what scan
// would say.
func TestWatchEnds(t *testing.T) {
	t.Parallel()
	// Under nohup a hang-up is ignored, by what is started too: a handler here
	// makes it the default again after exec.
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(hangups) })
	port := leakyShop(t, 3).port
	for _, c := range []struct {
		name, want string // want is what must have been written before the end
		env        []string
		end        func(*tty)
	}{
		{"q", "leak: 3 sockets leaked", nil, func(y *tty) { y.typed("xq") }},
		{"ctrl-c", "█", nil, func(y *tty) { y.typed("\x03") }},
		{"ctrl-c in a filter", "leak: 3", nil, func(y *tty) { y.typed("/x\x03") }},
		{"sigterm", "█", nil, func(y *tty) { y.signal(syscall.SIGTERM) }},
		{"sighup", "@", []string{"LC_ALL=C"}, func(y *tty) { y.signal(syscall.SIGHUP) }},
		{"no color", "leak: 3", []string{"NO_COLOR=1"}, func(y *tty) { y.typed("q") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			y := startOnTTY(t, c.env, "sockleak", "watch", "--port", port, "--every", "200ms")
			y.see("leak: 3 sockets leaked", "close-wait-eof-read")
			y.await(c.want)
			if colored, want := y.colored(y.rowOf("leak: 3")), c.name != "no color"; colored != want {
				t.Errorf("the verdict is in colour: %v", colored)
			}
			c.end(y)
			code, out := y.wait()
			after := out[strings.LastIndex(out, leaveScreen)+len(leaveScreen):]
			switch {
			case code != 3:
				t.Errorf("exit code %d:\n%q", code, out)
			case strings.Count(out, enterScreen) != 1 || strings.Count(out, leaveScreen) != 1:
				t.Errorf("the alternate screen is entered or left otherwise than once:\n%q", out)
			case !strings.Contains(strings.Join(strings.Fields(after), " "), "holds 3 sockets that clients of port "+port+" closed") || strings.Contains(after, "\x1b[H"):
				t.Errorf("the summary is %q", after)
			case c.name == "sighup" && strings.Contains(out[:strings.Index(out, leaveScreen)], "█"):
				t.Errorf("the locale is C:\n%q", out)
			}
			y.restored()
		})
	}
}

// What enters and leaves the alternate screen.
const (
	enterScreen = "\x1b[?1049h"
	leaveScreen = "\x1b[?1049l"
)

// TestWatchOnDumbTerminal: TERM=dumb gets lines, and no escape.
func TestWatchOnDumbTerminal(t *testing.T) {
	t.Parallel()
	port := leakyShop(t, 3).port
	y := startOnTTY(t, []string{"TERM=dumb"}, "sockleak", "watch", "--port", port, "--every", "200ms")
	y.await("Z leak: 3 sockets leaked")
	y.typed("\x03") // which the terminal, left as it is, makes a signal
	if code, out := y.wait(); code != 3 || strings.Contains(out, "\x1b") || !strings.Contains(out, "leak[close-wait-eof-read]: shop (pid ") {
		t.Errorf("exit code %d:\n%q", code, out)
	}
}

// TestWatchWalk goes from the verdict to a socket and back, by keys and by
// mouse, and does on the way what there is to do.
func TestWatchWalk(t *testing.T) {
	t.Parallel()
	port := leakyShop(t, 3).port
	y := startOnTTY(t, nil, "sockleak", "watch", "--port", port, "--every", "200ms")
	y.see("leak: 3 sockets leaked", "↑↓ move  ↵ open  esc back  / filter  s sort  space pause  e explain  c copy  w write  ? help  q quit")
	y.typed("\r")
	y.see("› close-wait-eof-read", "evidence", "CLOSE_WAIT", "1/3")
	y.typed("\x1b[B\r") // the arrow down
	y.see("› fd ", "history", "CLOSE_WAIT (first seen)", "held by     shop (pid ", "waits", "opened by", "other end")
	y.typed("c")
	y.see("› copy", "ss -tanpoie src ")
	y.typed("c")
	y.await("\x1b]52;c;c3MgLXRhbnBvaWUgc3JjI") // base64 of "ss -tanpoie src "
	y.see("copied: ss -tanpoie src")
	y.typed("e")
	y.see("› explain close-wait-eof-read", "What it means")
	y.typed("\x1b")
	y.gone("› explain")
	y.typed("hh")
	y.see("all 4 sockets")
	y.typed("w")
	y.see("wrote the report to sockleak-")
	files, err := filepath.Glob(filepath.Join(y.cmd.Dir, "sockleak-*.txt"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v: %q", err, files)
	}
	if text, err := os.ReadFile(files[0]); err != nil || !strings.Contains(string(text), "holds 3 sockets that clients of port "+port) {
		t.Errorf("%v: %s", err, text)
	}
	y.click(5, y.rowOf("all 4 sockets")) // selects
	y.see("2/2")
	y.click(5, y.rowOf("all 4 sockets")) // opens
	y.see("› all sockets", "LISTEN", "1/4")
	y.typed("/lis")
	y.see("/lis", "1/1", "LISTEN")
	y.typed("\x1b")
	y.gone("/lis")
	y.see("1/4")
	y.click(strings.Index(y.screen()[1], "STATE"), 1) // the title of a column
	y.see("STATE▾")
	y.typed(" ")
	y.see("PAUSED")
	y.typed(" ?")
	y.see("› help", "a second click opens")
	y.click(1, 0) // the line at the top
	y.gone("› help")
	last := len(y.screen()) - 1
	y.click(strings.Index(y.screen()[last], "q quit")-6, last) // there are six bytes more than columns before it
	if code, _ := y.wait(); code != 3 {
		t.Errorf("exit code %d", code)
	}
	y.restored()
}

// TestWatchResize: the screen follows the size, down to 40x10, and nothing of
// the worst finding is lost.
func TestWatchResize(t *testing.T) {
	t.Parallel()
	port := leakyShop(t, 3).port
	y := startSized(t, 300, 100, nil, "sockleak", "watch", "--port", port, "--every", "200ms")
	y.see("leak: 3 sockets leaked")
	for _, size := range [][2]int{{40, 10}, {100, 30}, {60, 12}} {
		y.resize(size[0], size[1])
		y.until(fmt.Sprint(size, " is drawn"), func() bool {
			lines := y.screen()
			words := strings.Fields(strings.NewReplacer("▌", "", "\n", " ").Replace(strings.Join(lines, "\n")))
			text := strings.Join(words, " ")
			return strings.Contains(text, "holds 3 sockets that clients of port "+port+" closed") && strings.HasSuffix(lines[len(lines)-1], "quit")
		})
	}
	y.typed("q")
	y.wait()
	y.restored()
}

// TestWatchRestart: a service that comes back is watched on. It has the machine
// to itself: the program of another test would match as well.
func TestWatchRestart(t *testing.T) {
	s := leakyShop(t, 3)
	y := startOnTTY(t, nil, "sockleak", "watch", fmt.Sprint(s.cmd.Process.Pid), "--every", "200ms")
	y.see("leak: 3 sockets leaked", fmt.Sprintf("shop (pid %d)", s.cmd.Process.Pid))
	s.stop()
	y.see("WAITING", "has ended; it goes on with the next one that matches")
	s.start()
	y.see(fmt.Sprintf("new     shop (pid %d)", s.cmd.Process.Pid), "clean: no leaked socket found")
	y.typed("q")
	if code, _ := y.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	y.restored()
}

// TestWatchStops: Ctrl-Z gives the terminal to the shell, and fg takes it again,
// also after a stop that nothing could be done before.
func TestWatchStops(t *testing.T) {
	t.Parallel()
	port := leakyShop(t, 3).port
	y := startOnTTY(t, nil, "sh", "-c", `set -m; sockleak watch --port "$0" --every 200ms; stty -a; echo back; read x; fg; echo again; read x; fg; exit $?`, port)
	y.see("leak: 3 sockets leaked")
	y.typed("\x1a")
	y.see(" icanon", " echo ", "back")
	y.typed("\n")
	y.see("leak: 3 sockets leaked", "q quit")
	pid, err := exec.Command("pgrep", "-P", fmt.Sprint(y.cmd.Process.Pid)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("kill", "-STOP", strings.TrimSpace(string(pid))).Run(); err != nil {
		t.Fatal(err)
	}
	y.await("again") // what is typed before may be read by who is about to stop
	y.typed("\n")
	y.until("the screen is entered again", func() bool { return strings.Count(y.text(), enterScreen) == 3 })
	y.see("leak: 3 sockets leaked", "q quit")
	y.typed("q")
	if code, _ := y.wait(); code != 3 {
		t.Errorf("exit code %d", code)
	}
	y.restored()
}

// TestWatchCannotStop: without a shell that could continue it, Ctrl-Z does
// not hang the program.
func TestWatchCannotStop(t *testing.T) {
	t.Parallel()
	port := leakyShop(t, 3).port
	y := startOnTTY(t, nil, "sockleak", "watch", "--port", port, "--every", "200ms")
	y.see("leak: 3 sockets leaked")
	y.typed("\x1a")
	y.until("the screen is entered again", func() bool { return strings.Count(y.text(), enterScreen) == 2 })
	y.see("leak: 3 sockets leaked", "q quit")
	y.typed("q")
	y.wait()
	y.restored()
}

// TestWatchTerminalGone: when the window is closed, the report is written.
func TestWatchTerminalGone(t *testing.T) {
	t.Parallel()
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	t.Cleanup(func() { signal.Stop(hangups) })
	port := leakyShop(t, 3).port
	y := startOnTTY(t, nil, "sockleak", "watch", "--port", port, "--every", "200ms", "-o", "json=leaks.json")
	y.see("leak: 3 sockets leaked")
	y.slave.Close()
	y.master.Close()
	_ = y.cmd.Wait()
	if text, err := os.ReadFile(filepath.Join(y.cmd.Dir, "leaks.json")); err != nil || !strings.Contains(string(text), `"verdict": "leak"`) {
		t.Errorf("%v: %.200s", err, text)
	}
}

// TestWatchRedraw: what does not change is not drawn again.
func TestWatchRedraw(t *testing.T) {
	t.Parallel()
	port := leakyShop(t, 3).port
	y := startOnTTY(t, nil, "sockleak", "watch", "--port", port)
	y.see("leak: 3 sockets leaked")
	y.until("there are five samples", func() bool { return strings.Contains(strings.Join(y.screen(), " "), "5 samples") })
	before := len(y.text())
	y.until("there are nine samples", func() bool { return strings.Contains(strings.Join(y.screen(), " "), "9 samples") })
	if n := len(y.text()) - before; n > 4*120*40/4 {
		t.Errorf("4 samples cost %d bytes on a screen of %d cells", n, 120*40)
	}
	y.typed("q")
	y.wait()
}

// shopProcess is a shop that leaks, and can be started again.
type shopProcess struct {
	t    *testing.T
	file string
	port string
	cmd  *exec.Cmd
}

// leakyShop starts a shop that has leaked n connections.
func leakyShop(t *testing.T, n int) *shopProcess {
	t.Helper()
	s := &shopProcess{t: t, file: filepath.Join(t.TempDir(), "port")}
	s.start()
	t.Cleanup(s.stop)
	if out, err := exec.Command("visit", s.file, fmt.Sprint(n)).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	port, err := os.ReadFile(s.file)
	if err != nil {
		t.Fatal(err)
	}
	s.port = string(port)
	return s
}

func (s *shopProcess) start() {
	s.t.Helper()
	s.cmd = exec.Command("shop", "-leak", "-quiet", s.file)
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shopProcess) stop() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}
