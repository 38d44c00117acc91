package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/words"
)

// colorMode is --color of every command.
type colorMode string

// The modes of --color.
const (
	colorAuto   colorMode = "auto" // on terminals that have colours, unless NO_COLOR is set
	colorAlways colorMode = "always"
	colorNever  colorMode = "never"
)

func colorModes() []string {
	return []string{string(colorAuto), string(colorAlways), string(colorNever)}
}

// String returns the mode.
func (m *colorMode) String() string { return string(*m) }

// Type names the value in help texts.
func (m *colorMode) Type() string { return "when" }

// Set takes one of the modes.
func (m *colorMode) Set(text string) error {
	switch c := colorMode(text); c {
	case colorAuto, colorAlways, colorNever:
		*m = c
		return nil
	}
	return fmt.Errorf("use auto, always or never%s", didYouMean(text, colorModes()))
}

// addColor adds the flag to the root, for all commands.
func (e Env) addColor(root *cobra.Command) {
	root.PersistentFlags().Var(e.colors, "color", "colour the text: auto, always or never")
	_ = root.RegisterFlagCompletionFunc("color", cobra.FixedCompletions(colorModes(), cobra.ShellCompDirectiveNoFileComp))
}

// color reports whether escapes may be written to the stream. What is asked for
// by --color goes before NO_COLOR (https://no-color.org).
func (e Env) color(w io.Writer) bool {
	if e.colors != nil && *e.colors != colorAuto {
		return *e.colors == colorAlways
	}
	_, tty := terminal(w)
	return tty && e.Getenv("NO_COLOR") == "" && e.Getenv("TERM") != "dumb"
}

// painter returns what colours text for stdout: text as it is where there are no
// colours.
func (e Env) painter() func(sgr, text string) string {
	on := e.color(e.Stdout)
	return func(sgr, text string) string { return words.Paint(on, sgr, text) }
}
