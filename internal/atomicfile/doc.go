// Package atomicfile gives a file a new content in one step: a reader, such as
// node_exporter's textfile collector, sees the old content or the new one, and
// a full disk or a kill leaves the old one.
package atomicfile
