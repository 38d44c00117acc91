package cli

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// completions keeps a shell from offering files where none can stand: for the
// values of flags that have no completion of their own, and for arguments of
// commands that take none.
func completions(cmd *cobra.Command) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if _, ok := cmd.GetFlagCompletionFunc(f.Name); !ok && len(f.Annotations) == 0 && f.Value.Type() != "bool" {
			_ = cmd.RegisterFlagCompletionFunc(f.Name, cobra.NoFileCompletions)
		}
	})
	if cmd.ValidArgsFunction == nil && !cmd.Hidden {
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	for _, sub := range cmd.Commands() {
		completions(sub)
	}
}
