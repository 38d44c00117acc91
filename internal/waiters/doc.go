// Package waiters finds where in a program a socket is waited for: the stacks
// of threads that sleep in a system call, and of goroutines that the Go
// runtime's network poller has parked.
//
// It reads the memory of the process and its executable, stops nothing and
// writes nothing. What it cannot read, or what does not fit together, it leaves
// out: a wrong line is worse than none.
package waiters
