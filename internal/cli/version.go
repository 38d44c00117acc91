package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/sockleak/sockleak/internal/report"
)

// version is set by the linker in a release build.
var version = ""

// build is what the program knows of how it was built. What is not known is
// left out.
type build struct {
	Version       string `json:"version"`
	Revision      string `json:"revision,omitempty"` // the commit
	Time          string `json:"time,omitempty"`     // of the commit
	Modified      bool   `json:"modified,omitempty"` // the sources differed from the commit
	Go            string `json:"go"`
	Platform      string `json:"platform"`
	ReportVersion string `json:"report_schema_version"`
}

func buildOf() build {
	b := build{Version: buildVersion(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, ReportVersion: report.SchemaVersion}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

func buildVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// text is the build in a line, as --version prints it.
func (b build) text() string {
	text := "sockleak " + b.Version
	if b.Revision != "" {
		text += " revision=" + b.Revision
	}
	if b.Time != "" {
		text += " time=" + b.Time
	}
	if b.Modified {
		text += " modified=true"
	}
	return text + " " + b.Go
}

func newVersion(env Env) *cobra.Command {
	var formats formatFlag
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version, and what it was built from",
		Example: "  sockleak version\n  sockleak version -o json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			outputs, err := formats.open()
			if err != nil {
				return err
			}
			var errs []error
			for i := range outputs {
				errs = append(errs, outputs[i].write(env, func(w io.Writer) error { return buildOf().write(w, outputs[i].format) }))
			}
			return errors.Join(errs...)
		},
	}
	formats.add(cmd, []string{"text", "json"}, "text")
	return cmd
}

func (b build) write(w io.Writer, format string) error {
	if format == "text" {
		_, err := fmt.Fprintln(w, b.text())
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(b)
}
