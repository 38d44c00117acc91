package trend

import "io"

// Format is one way of writing a trend.
type Format struct {
	Name  string // as given to -o
	Doc   string // one line for the help text
	Write func(w io.Writer, t *Trend, width int) error
}

// Formats returns every format, in the order in which help shows them. Width
// is that of the terminal, 0 for none.
func Formats() []Format {
	return []Format{
		{"table", "tables with sparklines", WriteTable},
		{"json", "one JSON document with schema_version", func(w io.Writer, t *Trend, _ int) error { return WriteJSON(w, t) }},
		{"html", "one page with charts, which needs no network", func(w io.Writer, t *Trend, _ int) error { return WriteHTML(w, t) }},
	}
}
