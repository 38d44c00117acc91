// Package caller opens files with the rights of whoever started the program.
//
// A program whose file has capabilities (setcap(8)) may read what its caller
// may not. It needs that for /proc, not for the files that the caller names:
// those must not become readable or writable by way of this program.
package caller

import "os"

// SetID reports whether the program runs as another user or group than the one
// who started it (execve(2), set-user-ID and set-group-ID).
func SetID() bool { return os.Getuid() != os.Geteuid() || os.Getgid() != os.Getegid() }
