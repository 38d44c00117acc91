// Package track remembers. It turns a sequence of snapshots into a History
// that answers how old a socket's state is, which sockets survive, what
// moves, and what grows.
//
// It knows no clock and no file: all times come from the snapshots.
package track
