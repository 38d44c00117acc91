package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/doctor"
	"github.com/sockleak/sockleak/internal/words"
)

func newDoctor(env Env) *cobra.Command {
	var formats formatFlag
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what can and cannot be seen here, and how to see more",
		Long: `Try every source of facts on this machine as this user, and say what is
missing and how to get it. Nothing is changed.`,
		Example: "  sockleak doctor\n  sockleak doctor -o json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			outputs, err := formats.open()
			if err != nil {
				return err
			}
			list, err := doctor.Examine(cmd.Context(), doctor.Options{Now: env.Now})
			if err != nil {
				return err
			}
			var errs []error
			for i := range outputs {
				write := map[string]func(io.Writer, []doctor.Check) error{"text": writeChecks, "json": writeChecksJSON}[outputs[i].format]
				errs = append(errs, outputs[i].write(env, func(w io.Writer) error { return write(w, list) }))
			}
			return errors.Join(errs...)
		},
	}
	formats.add(cmd, []string{"text", "json"}, "text")
	return cmd
}

// writeChecks writes the checks for people. The ways to get capabilities are
// written once, for all that are missing.
func writeChecks(w io.Writer, list []doctor.Check) error {
	out := bufio.NewWriter(w) // keeps the first error until Flush
	for _, c := range list {
		fmt.Fprintf(out, "%-8s %s: %s\n", c.Status, c.Name, words.Clean(c.Found))
		if c.Status == doctor.OK {
			continue
		}
		fmt.Fprintf(out, "%-8s   gives  %s\n", "", c.Gives)
		if c.Capability != "" {
			continue
		}
		for _, fix := range c.Fix {
			fmt.Fprintf(out, "%-8s   get it %s\n", "", fix)
		}
	}
	if caps := doctor.Capabilities(list); len(caps) > 0 {
		exe, err := os.Executable()
		if err != nil {
			exe = "sockleak"
		}
		fmt.Fprintln(out, "\nTo get the missing capabilities:")
		for _, way := range doctor.Grants(exe, caps) {
			fmt.Fprintf(out, "  %s\n", words.Clean(way))
		}
	}
	return out.Flush()
}

// doctorDocument is the JSON form of the checks.
type doctorDocument struct {
	SchemaVersion string      `json:"schema_version"`
	Checks        []checkJSON `json:"checks"`
}

type checkJSON struct {
	Name       string   `json:"name"`
	Status     string   `json:"status"` // ok, limited or missing
	Found      string   `json:"found"`
	Gives      string   `json:"gives"`
	Capability string   `json:"capability,omitempty"`
	Fix        []string `json:"fix,omitempty"`
}

func writeChecksJSON(w io.Writer, list []doctor.Check) error {
	d := doctorDocument{SchemaVersion: "1.0", Checks: []checkJSON{}}
	for _, c := range list {
		d.Checks = append(d.Checks, checkJSON{c.Name, string(c.Status), words.Clean(c.Found), c.Gives, c.Capability, c.Fix})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}
