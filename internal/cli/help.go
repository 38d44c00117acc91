package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sockleak/sockleak/internal/words"
)

// addHelp has help fit the terminal, with coloured heads. Cobra's own is as wide
// as its longest line.
func (e Env) addHelp(root *cobra.Command) {
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		h := help{e.prose()}
		h.describe(cmd)
		h.synopsis(cmd)
		h.commands(cmd)
		h.flags("Flags:", cmd.LocalFlags())
		h.flags("Global Flags:", cmd.InheritedFlags())
		if cmd.HasAvailableSubCommands() {
			h.WriteString("\n")
			h.row("", "", 0, fmt.Sprintf(`Use "%s [command] --help" for more about a command.`, cmd.CommandPath()))
		}
		_ = h.to(cmd.OutOrStdout()) // a reader that went away is no error
	})
}

// help is the text about one command.
type help struct{ *prose }

// describe writes the description, whose lines are as long as in the source where
// there is room for them.
func (h help) describe(cmd *cobra.Command) {
	text := cmd.Long
	if text == "" {
		text = cmd.Short
	}
	for i, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			h.WriteString("\n")
		}
		if h.width > 0 && h.width < 80 && !strings.HasPrefix(paragraph, " ") {
			h.row("", "", 0, strings.Join(strings.Fields(paragraph), " "))
		} else {
			h.WriteString(paragraph + "\n")
		}
	}
}

// synopsis writes how the command is called, with examples that can be copied as
// they are.
func (h help) synopsis(cmd *cobra.Command) {
	h.head("Usage:")
	if cmd.Runnable() {
		fmt.Fprintf(h, "  %s\n", cmd.UseLine())
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(h, "  %s [command]\n", cmd.CommandPath())
	}
	if cmd.Example != "" {
		h.head("Examples:")
		h.WriteString(cmd.Example + "\n")
	}
}

func (h help) commands(cmd *cobra.Command) {
	if !cmd.HasAvailableSubCommands() {
		return
	}
	h.head("Available Commands:")
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() || sub.Name() == "help" {
			h.row(words.Cyan, "  "+sub.Name(), 14, sub.Short)
		}
	}
}

func (h help) flags(head string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	h.head(head)
	for line := range strings.Lines(flags.FlagUsagesWrapped(h.width)) {
		line = strings.TrimSuffix(line, "\n")
		if name := strings.TrimLeft(line, " "); strings.HasPrefix(name, "-") {
			name, _, _ = strings.Cut(name, "   ")
			line = strings.Replace(line, name, h.paint(words.Cyan, name), 1)
		}
		h.WriteString(line + "\n")
	}
}
