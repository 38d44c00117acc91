// Package trend says what the reports of an archive tell over time: which
// findings are new, grow or have ended, and how the descriptors of each
// process and the sockets by state develop.
//
// It reads one report at a time and keeps only series of bounded length, so
// that a month of reports costs seconds, and memory that does not depend on
// their number. To add an output, write a file with a function like
// WriteTable and one line in Formats.
package trend
