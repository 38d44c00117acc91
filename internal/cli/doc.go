// Package cli is the command line: commands, flags, wiring and exit codes.
// It is the only package that knows a terminal.
//
// The rules for streams: stdout is data, stderr is talk. A broken pipe on
// stdout is a quiet end. Colour needs a terminal, and NO_COLOR (no-color.org)
// or TERM=dumb switch it off; each stream is judged by itself.
//
// Each command is built by a constructor, newScan for one, from the Env and
// its own options struct; nothing is kept in package variables.
package cli
