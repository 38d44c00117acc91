package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// The control sequences of the screen, of ECMA-48 and of xterm(1), which
// other terminals follow or ignore.
const (
	enterScreen = "\x1b[?1049h\x1b[?25l\x1b[?7l" // alternate screen, no cursor, no wrapping
	leaveScreen = "\x1b[?7h\x1b[?25h\x1b[?1049l"
	beginFrame  = "\x1b[?2026h\x1b[H" // all at once, from the top left
	endLine     = "\x1b[K\r\n"        // a raw terminal needs the carriage return
	endFrame    = "\x1b[J\x1b[?2026l"
)

// screen is a terminal whose page refreshes in place. What was there before
// comes back when it is closed.
type screen struct {
	out    *os.File
	in     *os.File    // nil when the input is no terminal
	before *term.State // of in
}

// openScreen takes over the terminal behind the output; ok is false when
// there is none, or one that cannot move its cursor.
func openScreen(env Env) (s *screen, ok bool, err error) {
	out, isFile := env.Stdout.(*os.File)
	if _, tty := terminal(env.Stdout); !isFile || !tty || env.Getenv("TERM") == "dumb" || env.Getenv("TERM") == "" {
		return nil, false, nil
	}
	s = &screen{out: out}
	if in, isFile := env.Stdin.(*os.File); isFile && term.IsTerminal(int(in.Fd())) {
		if s.before, err = term.MakeRaw(int(in.Fd())); err != nil {
			return nil, false, fmt.Errorf("set up the terminal: %w; sockleak scan --for needs none", err)
		}
		s.in = in
	}
	if _, err := io.WriteString(out, enterScreen); err != nil {
		s.close()
		return nil, false, fmt.Errorf("write to the terminal: %w", err)
	}
	return s, true, nil
}

// close gives the terminal back as it was.
func (s *screen) close() {
	_, _ = io.WriteString(s.out, leaveScreen) // when this fails there is no terminal any more
	if s.in != nil {
		_ = term.Restore(int(s.in.Fd()), s.before)
	}
}

// size returns the columns and rows; 0 where they are not known.
func (s *screen) size() (width, height int) {
	width, height, err := term.GetSize(int(s.out.Fd()))
	if err != nil {
		return 0, 0
	}
	return width, height
}

// show replaces the page, in one write.
func (s *screen) show(lines []string) error {
	_, err := io.WriteString(s.out, beginFrame+strings.Join(lines, endLine)+"\x1b[K"+endFrame)
	return err
}

// What the keys send that end the view. A raw terminal makes no signal of
// Ctrl-C.
const (
	ctrlC = 0x03
	ctrlD = 0x04
)

// keys calls quit when a key asks for the end. It returns then, or when
// there is nothing more to read.
func (s *screen) keys(quit func()) {
	if s.in == nil {
		return
	}
	key := make([]byte, 1)
	for {
		if n, err := s.in.Read(key); n == 0 || err != nil {
			return
		}
		switch key[0] {
		case 'q', 'Q', ctrlC, ctrlD:
			quit()
			return
		}
	}
}
