package cli

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/caller"
	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/report"
	"github.com/sockleak/sockleak/internal/settings"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/words"
)

// settingsFlags say which settings file is read.
type settingsFlags struct {
	path string
	cmd  *cobra.Command // tells a --config that was given from the default
}

func (f *settingsFlags) add(cmd *cobra.Command) {
	f.cmd = cmd
	cmd.Flags().StringVar(&f.path, "config", settings.FileName, "settings `file`; the default may be missing; --config= reads none")
	_ = cmd.MarkFlagFilename("config", "yaml", "yml")
}

// read returns how to judge: by the settings file, or by the defaults.
func (f *settingsFlags) read() (judgement, error) {
	j := judgement{settings: leak.Defaults()}
	err := f.readInto(&j)
	j.filter.Several = j.settings.Several
	return j, err
}

func (f *settingsFlags) readInto(j *judgement) error {
	if f.path == "" {
		return nil
	}
	named := f.cmd.Flags().Changed("config")
	var s *settings.Settings
	err := caller.Do(func() (err error) {
		if !named {
			if err = settings.Trusted(f.path); err != nil {
				return err
			}
		}
		s, err = settings.Read(f.path, knownRule)
		return err
	})
	var foreign *settings.ForeignError
	switch {
	case errors.Is(err, fs.ErrNotExist) && !named:
		return nil
	case errors.As(err, &foreign):
		fmt.Fprintf(f.cmd.ErrOrStderr(), "sockleak: %s\n", words.Clean(foreign.Error()))
		j.gaps = append(j.gaps, socket.Gap{Where: "settings", Why: foreign.Error(), Count: 1})
		return nil
	case err != nil:
		return &codeError{exitUsage, fmt.Errorf("settings: %w; --config= reads none", err)}
	}
	j.settings, j.filter.Ignores = s.Thresholds, s.Ignores
	j.files = append(j.files, report.SettingsFile{Path: f.path, Changed: s.Changed()})
	return nil
}
