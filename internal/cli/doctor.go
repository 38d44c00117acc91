package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

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
				errs = append(errs, outputs[i].write(env, func(w io.Writer) error {
					if outputs[i].format == "json" {
						return writeChecksJSON(w, list)
					}
					p := &prose{paint: plainText}
					if outputs[i].file == nil {
						p = env.prose()
					}
					writeChecks(p, list)
					return p.to(w)
				}))
			}
			return errors.Join(errs...)
		},
	}
	formats.add(cmd, []string{"text", "json"}, "text")
	return cmd
}

// writeChecks writes the checks for people. The ways to get capabilities are
// written once, for all that are missing.
func writeChecks(p *prose, list []doctor.Check) {
	colors := map[doctor.Status]string{doctor.OK: words.Green, doctor.Limited: words.Yellow, doctor.Missing: words.Red}
	for _, c := range list {
		p.row(colors[c.Status], string(c.Status), 9, fmt.Sprintf("%s: %s", c.Name, words.Clean(c.Found)))
		if c.Status == doctor.OK {
			continue
		}
		p.row(words.Dim, "           gives", 18, c.Gives)
		if c.Capability != "" {
			continue
		}
		for _, fix := range c.Fix {
			p.command("           get it", 18, fix)
		}
	}
	exe, err := os.Executable()
	if err != nil {
		exe = "sockleak"
	}
	ways := doctor.Grants(words.Clean(exe), doctor.Capabilities(list))
	if len(ways) > 0 {
		p.head("To get the missing capabilities, the smallest way first:")
		for _, way := range ways {
			p.command("", 2, way)
		}
	}
	p.WriteString("\n")
	p.row(words.Bold, "", 0, doctor.Sentence(list)+".")
	if len(ways) > 0 {
		_, command, _ := strings.Cut(ways[0], ": ")
		p.command("", 2, command)
	}
}

// doctorDocument is the JSON form of the checks.
type doctorDocument struct {
	SchemaVersion string      `json:"schema_version"`
	Summary       string      `json:"summary"`
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
	d := doctorDocument{SchemaVersion: "1.0", Summary: doctor.Sentence(list), Checks: []checkJSON{}}
	for _, c := range list {
		d.Checks = append(d.Checks, checkJSON{c.Name, string(c.Status), words.Clean(c.Found), c.Gives, c.Capability, c.Fix})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}
