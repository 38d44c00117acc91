// Package archive keeps the reports of one run after another in a directory:
// immutable JSON documents (report.Document), one file each, and the state
// that the next run starts from.
//
// A report is written to a temporary file, synced, renamed into place, and
// the directory is synced, so that a kill, a full disk or a power cut leaves
// a whole report or none. File names sort by UTC time and carry the host and
// a checksum of the content: hosts can share a directory, and a report that
// was cut short or edited is recognised. Nothing is deleted that is not a
// sockleak report of this host.
//
// Readers need to read the directory; writers need to write it. Files are
// created with mode 0640, since reports carry command lines.
package archive
