package socket

// ID is the identity of a socket on one boot of one machine. Inodes can be
// reused; the cookie (SO_COOKIE, include/net/sock.h sk_cookie) is not.
type ID struct {
	NetNS  uint64 // inode of the network namespace, see Socket.NetNS
	Cookie uint64 // kernel's socket cookie; 0 when it could not be read
	Inode  uint64 // where the cookie is missing or shared: the next best identity, see Socket.ID
}

// ProcessID is the identity of a process on one boot of one machine. A pid
// alone is reused.
type ProcessID struct {
	PID   int    // in the scanner's own pid namespace
	Start uint64 // clock ticks after boot, field 22 of /proc/PID/stat
}

// Holder is one descriptor of one process that refers to a socket.
type Holder struct {
	Process ProcessID
	FD      int32
	// Inheritable is true when the descriptor lacks FD_CLOEXEC, so that a
	// program started by the holder inherits it. It is false where
	// FlagsKnown is false.
	Inheritable bool
	FlagsKnown  bool // the descriptor's flags were read: by bpf of all, else from /proc/PID/fdinfo/FD
}
