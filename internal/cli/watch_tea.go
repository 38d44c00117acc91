package cli

import (
	"fmt"
	"os"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/sockleak/sockleak/internal/live"
)

// screen is the model of package live as bubbletea wants it: what the terminal
// sends goes in, and the effects are carried out.
type screen struct {
	model live.Model
	asks  chan<- live.Effect // to whoever takes the samples
	color bool
	stops stops
}

// colors are those that every terminal has: what they look like is up to its
// theme. More is never asked for, and so no terminfo is read either.
func (w *watching) colors() colorprofile.Profile {
	if w.env.color(w.env.Stdout) {
		return colorprofile.ANSI
	}
	return colorprofile.ASCII
}

// Init implements tea.Model.
func (s *screen) Init() tea.Cmd {
	if s.color {
		return tea.RequestBackgroundColor
	}
	return nil
}

// Update implements tea.Model.
func (s *screen) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if _, ok := msg.(continued); ok {
		return s, s.stops.redraw()
	}
	in := translate(msg)
	if in == nil {
		return s, nil
	}
	model, effects := s.model.Update(in)
	next := &screen{model, s.asks, s.color, s.stops}
	var commands []tea.Cmd
	for _, e := range effects {
		commands = append(commands, next.do(e))
	}
	return next, tea.Batch(commands...)
}

// View implements tea.Model.
func (s *screen) View() tea.View {
	v := tea.NewView(s.model.View())
	v.AltScreen, v.MouseMode = true, tea.MouseModeCellMotion
	return v
}

// translate makes of a message what the model takes in; nil for nothing.
func translate(msg tea.Msg) any {
	switch msg := msg.(type) {
	case *live.Sample, live.Told, live.Key:
		return msg
	case tea.KeyPressMsg:
		return live.Key(msg.String())
	case tea.PasteMsg:
		return live.Paste(msg.Content)
	case tea.MouseClickMsg:
		switch msg.Button {
		case tea.MouseLeft:
			return live.Click{X: msg.X, Y: msg.Y}
		case tea.MouseRight, tea.MouseBackward:
			return live.Key("esc")
		}
	case tea.MouseWheelMsg:
		switch msg.Button {
		case tea.MouseWheelUp:
			return live.Wheel(-wheelLines)
		case tea.MouseWheelDown:
			return live.Wheel(wheelLines)
		}
	case tea.WindowSizeMsg:
		return live.Size{Width: msg.Width, Height: msg.Height}
	case tea.BackgroundColorMsg:
		return live.Background{Light: !msg.IsDark()}
	}
	return nil
}

// wheelLines is how far one notch of the wheel goes.
const wheelLines = 3

// do carries out an effect.
func (s *screen) do(e live.Effect) tea.Cmd {
	switch e.Do {
	case live.Quit:
		return tea.Quit
	case live.Suspend:
		return s.stops.suspend()
	case live.Redraw:
		return tea.ClearScreen
	case live.Copy:
		return tea.SetClipboard(e.Text)
	}
	return func() tea.Msg {
		s.asks <- e
		return nil
	}
}

// ownNamespace returns the inode of the network namespace that sockleak itself
// is in; 0 where there is none.
func ownNamespace() (inode uint64) {
	if link, err := os.Readlink("/proc/self/ns/net"); err == nil {
		_, _ = fmt.Sscanf(link, "net:[%d]", &inode)
	}
	return inode
}
