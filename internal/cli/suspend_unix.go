//go:build unix

package cli

import (
	"io"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
)

// stops is how the screen is stopped and goes on. It implements tea.ExecCommand,
// during which bubbletea gives the terminal back.
type stops struct {
	resumed chan os.Signal // SIGCONT
	asked   *atomic.Bool   // whether the stop is one that suspend has asked for
}

func newStops() stops { return stops{make(chan os.Signal, 1), new(atomic.Bool)} }

// continued is sent to the screen when the program goes on after a stop that it
// has not asked for.
type continued struct{}

// watch has the screen take the terminal again after every stop: one by kill -STOP
// leaves it no time to give it back. It does so until end is called. SIGTSTP
// itself must not be caught: the Go runtime never restores its default.
func (s stops) watch(p *tea.Program) (end func()) {
	signals, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(signals, syscall.SIGCONT)
	go func() {
		for {
			select {
			case sig := <-signals:
				if s.asked.Swap(false) {
					s.resumed <- sig
					continue
				}
				p.Send(continued{})
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
	}
}

// suspend gives the terminal back, stops as Ctrl-Z does where the terminal is not
// raw, and draws the screen again afterwards.
func (s stops) suspend() tea.Cmd {
	return func() tea.Msg {
		s.asked.Store(true)
		return tea.Exec(s, nil)()
	}
}

// redraw takes the terminal again and draws the screen anew.
func (s stops) redraw() tea.Cmd { return tea.Exec(s, nil) }

// Run stops the process group, as the terminal would. A group without a shell
// that could continue it (orphaned, POSIX.1 3.264) is not stopped by that: then
// it goes on at once.
func (s stops) Run() error {
	// The goroutine of bubbletea that draws stops its clock only after it has
	// said that it ends: when it is started again at once, it may stop that.
	defer time.Sleep(settle)
	if !s.asked.Load() {
		return nil
	}
	if err := syscall.Kill(0, syscall.SIGTSTP); err != nil {
		return err
	}
	select {
	case <-s.resumed:
	case <-time.After(500 * time.Millisecond):
		if !s.asked.Swap(false) {
			<-s.resumed // it came at the same moment
		}
	}
	return nil
}

// settle is how long bubbletea takes to come to rest.
const settle = 200 * time.Millisecond

// SetStdin implements tea.ExecCommand.
func (stops) SetStdin(io.Reader) {}

// SetStdout implements tea.ExecCommand.
func (stops) SetStdout(io.Writer) {}

// SetStderr implements tea.ExecCommand.
func (stops) SetStderr(io.Writer) {}
