package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/term"

	"github.com/sockleak/sockleak/internal/live"
)

// hasScreen reports whether there is a terminal behind the output, and one that
// can move its cursor.
func hasScreen(env Env) bool {
	_, tty := terminal(env.Stdout)
	kind := env.Getenv("TERM")
	return tty && kind != "dumb" && kind != ""
}

// patience is how long the first sample may take before the screen is opened
// without it: an error that it ends with is better read without one.
const patience = 300 * time.Millisecond

// onScreen shows the samples on the terminal until somebody ends it, and gives
// the terminal back as it was.
func (w *watching) onScreen(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.restarts, w.asks = true, make(chan live.Effect, 16)
	stops := newStops()
	p := w.program(stops)
	defer stops.watch(p)()
	w.tell = func(text string) { p.Send(live.Told(text)) }

	samples, ended := make(chan *live.Sample), make(chan error, 1)
	go func() {
		ended <- w.run(ctx, func(s *live.Sample) bool {
			select {
			case samples <- s:
				return true
			case <-ctx.Done():
				return false
			}
		})
	}()
	var first *live.Sample
	select {
	case first = <-samples:
	case err := <-ended:
		return err
	case <-time.After(patience):
	}
	var failed error
	over := make(chan struct{})
	go func() {
		defer close(over)
		failed = w.feed(p, first, samples, ended)
	}()
	err := w.showOn(p)
	cancel()
	<-over
	return errors.Join(failed, err)
}

// feed hands the samples to the screen, and ends it after the last.
func (w *watching) feed(p *tea.Program, first *live.Sample, samples <-chan *live.Sample, ended <-chan error) error {
	if first != nil {
		p.Send(first)
	}
	for {
		select {
		case s := <-samples:
			p.Send(s)
		case err := <-ended:
			p.Quit()
			return err
		}
	}
}

// showOn runs the screen. When the terminal has gone away, that is the end and
// no error.
func (w *watching) showOn(p *tea.Program) error {
	_, err := p.Run()
	switch {
	case errors.Is(err, tea.ErrProgramPanic):
		return err
	case err != nil && !errors.Is(err, tea.ErrProgramKilled):
		return fmt.Errorf("set up the terminal: %w; sockleak scan --for needs none", err)
	}
	return nil
}

// program returns the screen, not yet running.
func (w *watching) program(stops stops) *tea.Program {
	options := []tea.ProgramOption{tea.WithOutput(w.env.Stdout), tea.WithoutSignalHandler(), tea.WithColorProfile(w.colors())}
	in, isFile := w.env.Stdin.(*os.File)
	if isFile && term.IsTerminal(int(in.Fd())) {
		options = append(options, tea.WithInput(in))
	} else {
		options = append(options, tea.WithInput(nil))
	}
	style := live.Style{Color: w.env.color(w.env.Stdout), ASCII: !w.utf8()}
	model := live.NewModel(w.viewOptions(), style, 80, 24)
	return tea.NewProgram(&screen{model, w.asks, style.Color, stops}, options...)
}

func (w *watching) viewOptions() live.Options {
	return live.Options{
		Target: targetText(&w.targets), Everything: w.targets.All(), NetNS: ownNamespace(),
		Explain: func(id string, width int) []string {
			p := &prose{width: width, paint: plainText}
			if explain(p, id) != nil {
				return []string{"nothing is said of " + id + " yet"}
			}
			return strings.Split(strings.TrimRight(p.String(), "\n"), "\n")
		},
	}
}

// utf8 reports whether the locale has the characters of a chart; see
// locale(7) for the order.
func (w *watching) utf8() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(w.env.Getenv(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}
