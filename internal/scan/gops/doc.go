// Package gops sees processes and sockets through gopsutil, on every system
// that it supports. It is the only package that imports it.
//
// gopsutil tells states, addresses and owners; it has no inode, queue, timer
// or age, and on Linux it sees only the sockets of the caller's own network
// namespace.
package gops
