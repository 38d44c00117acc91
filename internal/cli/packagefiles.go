package cli

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/caller"
)

// newPackageFiles is for the build of packages, not for users: it writes the
// manual pages and shell completions, so that neither can differ from the
// commands.
func newPackageFiles(env Env) *cobra.Command {
	return &cobra.Command{
		Use:    "package-files DIRECTORY",
		Short:  "Write manual pages and shell completions for a package",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return caller.Do(func() error { return writePackageFiles(newRoot(env, nil), args[0]) })
		},
	}
}

func writePackageFiles(root *cobra.Command, dir string) error {
	files := map[string]func(io.Writer) error{
		"completions/sockleak.bash": func(w io.Writer) error { return root.GenBashCompletionV2(w, true) },
		"completions/_sockleak":     root.GenZshCompletion,
		"completions/sockleak.fish": func(w io.Writer) error { return root.GenFishCompletion(w, true) },
		"completions/sockleak.ps1":  root.GenPowerShellCompletionWithDesc,
	}
	for _, cmd := range append([]*cobra.Command{root}, root.Commands()...) {
		if cmd.Hidden || cmd.Name() == "help" || cmd.Name() == "completion" {
			continue
		}
		page := "man/" + strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1.gz"
		files[page] = func(w io.Writer) error {
			z, err := gzip.NewWriterLevel(w, gzip.BestCompression) // as Debian's policy asks, 12.1; no time in it
			if err != nil {
				return err
			}
			return errors.Join(writeManual(z, cmd, buildVersion()), z.Close())
		}
	}
	for name, write := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		if err := errors.Join(write(f), f.Close()); err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
	}
	return nil
}
