// Package socket holds the facts that sockleak collects: sockets, the
// processes that hold them, and the gaps in what could be seen.
//
// It has types only. It reads no file, asks no clock and imports nothing but
// the standard library, so that every other package can stand on it.
package socket
