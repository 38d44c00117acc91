package trend

import "io"

// Format is one way of writing a trend.
type Format struct {
	Name  string // as given to -o
	Doc   string // one line for the help text
	Write func(w io.Writer, t *Trend, p Page) error
}

// Page is what text has to fit. The zero value is right for a file.
type Page struct {
	Width int  // columns of the terminal; 0 is no limit
	Color bool // ANSI colours
}

// Formats returns every format, in the order in which help shows them.
func Formats() []Format {
	return []Format{
		{"table", "tables with sparklines", WriteTable},
		{"json", "one JSON document with schema_version", func(w io.Writer, t *Trend, _ Page) error { return WriteJSON(w, t) }},
		{"html", "one page with charts, which needs no network", func(w io.Writer, t *Trend, _ Page) error { return WriteHTML(w, t) }},
	}
}
