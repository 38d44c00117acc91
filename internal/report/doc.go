// Package report writes what was found, in one file per output format.
//
// A format never looks at a terminal, never decides an exit code and never
// imports a scanner: it turns a Report into bytes. To add one, write a file
// with its Format value and add one line to Formats.
package report
