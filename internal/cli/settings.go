package cli

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/caller"
	"github.com/sockleak/sockleak/internal/leak"
	"github.com/sockleak/sockleak/internal/settings"
)

// settingsFlags say which settings file is read.
type settingsFlags struct {
	path string
	flag interface{ Changed(string) bool } // tells an empty --config from none
}

func (f *settingsFlags) add(cmd *cobra.Command) {
	f.flag = cmd.Flags()
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
	var s *settings.Settings
	err := caller.Do(func() (err error) {
		s, err = settings.Read(f.path, knownRule)
		return err
	})
	switch {
	case errors.Is(err, fs.ErrNotExist) && !f.flag.Changed("config"):
		return nil
	case err != nil:
		return &codeError{exitUsage, fmt.Errorf("settings: %w; --config= reads none", err)}
	}
	j.settings, j.filter.Ignores = s.Thresholds, s.Ignores
	return nil
}
