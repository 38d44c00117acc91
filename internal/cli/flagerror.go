package cli

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagError says in one line what is wrong with a flag, without the words of
// the libraries that found it out.
func flagError(cmd *cobra.Command, err error) error {
	var value *pflag.InvalidValueError
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	switch {
	case errors.As(err, &value):
		f := value.GetFlag()
		return usage("--%s %q: %s", f.Name, value.GetValue(), wrongValue(f, value))
	case errors.As(err, &unknown):
		name := unknown.GetSpecifiedName()
		if short := unknown.GetSpecifiedShortnames(); short != "" {
			return usage("unknown flag -%s; %s --help lists the flags", name, cmd.CommandPath())
		}
		return usage("unknown flag --%s%s; %s --help lists the flags", name, didYouMean(name, flagNames(cmd)), cmd.CommandPath())
	case errors.As(err, &missing):
		return usage("--%s needs a value: %s", missing.GetFlag().Name, strings.ReplaceAll(missing.GetFlag().Usage, "`", ""))
	}
	return usage("%w; %s --help lists the flags", err, cmd.CommandPath())
}

// wrongValue says what a value should be. Flags of our own types say so
// themselves.
func wrongValue(f *pflag.Flag, err *pflag.InvalidValueError) string {
	switch f.Value.Type() {
	case "int":
		return "not a whole number"
	case "bool":
		return "use true or false, or the flag alone"
	}
	return errors.Unwrap(err).Error()
}

func flagNames(cmd *cobra.Command) []string {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	slices.Sort(names)
	return names
}
