package report

import (
	"cmp"
	"io"

	"github.com/sockleak/sockleak/internal/leak"
)

// Format is one way of writing a report.
type Format struct {
	Name  string // as given to -o
	Doc   string // one line for the help text
	Write func(w io.Writer, r *Report, opt Options) error
}

// Options are what the caller decides for a format. The zero value is right
// for a file.
type Options struct {
	Color    bool // ANSI colours
	Width    int  // columns of the terminal; 0 means no limit
	Findings int  // how many findings the page shows; 0 is as many as fit on a screen, less than 0 all
	Sockets  int  // how many sockets of each finding to list; less than 0 is all
	Verbose  bool // say which sources were used and why

	User func(uid uint32) string // the name of a user, "" for none; nil shows the numbers

	// RunBy is the file that made sockleak run, such as a CI system's workflow,
	// relative to the root of the sources; "" when that is not known. Findings
	// without a known line of code point at it where a format needs a place.
	RunBy string

	// FailOn is the lowest level that fails a build, so that a CI system is
	// shown as failed what the exit code calls so. Zero means leak.Leak; a
	// level above leak.Leak fails nothing.
	FailOn leak.Level
}

// fails reports whether the finding fails the build.
func (o Options) fails(f *leak.Finding) bool { return f.Level >= cmp.Or(o.FailOn, leak.Leak) }

// Formats returns every format, in the order in which help shows them.
func Formats() []Format {
	return []Format{
		table(),
		jsonDocument(),
		ndjson(),
		junit(),
		github(),
		githubOutput(),
		markdown(),
		sarif(),
		prometheus(),
		openMetrics(),
		otlp(),
	}
}

// ByName returns the format with the given name.
func ByName(name string) (Format, bool) {
	for _, f := range Formats() {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}
