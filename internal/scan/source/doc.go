// Package source is what all ways of seeing sockets have in common: what a
// source is, and the Builder that it adds to. Nobody but the Builder writes
// into the snapshot of a look.
//
// Each source is a package below this one. What it can use is there and in the
// readers of kernel interfaces (internal/proc); that it is asked, and in which
// order, is a line in sources_linux.go of package scan.
package source
