// Package scan sees. It resolves the user's target to processes, asks its
// sources what sockets these hold, and merges the answers into one
// socket.Snapshot.
//
// Each source is one file, source_NAME.go, and one line in sources. The
// readers of kernel interfaces live in the packages below (procfs, sockdiag,
// bpf, gops); they know facts only. Which of them is asked, and what becomes
// of what they cannot see, is decided here.
package scan
