// Package doctor finds out what sockleak can and cannot see here, by trying
// it, and knows how to get what is missing. It changes nothing: it reads, and
// opens and closes sockets of its own.
//
// A check is one function in the slice that checks returns.
package doctor
