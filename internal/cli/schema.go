package cli

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/schema"
)

func newSchema(env Env) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the reports",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := io.WriteString(env.Stdout, schema.Report())
			return err
		},
	}
}
