// Package opener says who opened the sockets of processes: when, by which
// thread, through which call, and at which line of the program.
//
// A [Tracer] is the twin of scan.Scanner: that pulls what is there, this is
// pushed what happens. It sees births while it lives and fills Origin and Life
// of the sockets of a snapshot. Package attach attaches to running processes
// by BPF and needs privileges; package run starts a command under ptrace(2) and
// needs none. Both have their stacks named by [Stacks].
package opener
