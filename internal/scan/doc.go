// Package scan resolves a target and returns a snapshot of its sockets.
//
// A look goes: target finds the processes, a source collects their sockets into
// a source.Builder, enrich completes what no source can say by itself, and last
// it is verified that the processes still are the ones they were. Detail adds
// what only suspicious sockets are worth.
//
// The sources and their order are in machine_linux.go and machine_other.go.
package scan
