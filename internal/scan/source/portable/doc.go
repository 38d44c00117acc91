// Package portable is the source that sees sockets through gopsutil, on every
// system that it supports. On Linux it is the last resort.
// This package and the one below it are the only ones that import it.
//
// gopsutil tells states, addresses and owners; it has no inode, queue, timer
// or age, and on Linux it sees only the sockets of the caller's own network
// namespace.
package portable
