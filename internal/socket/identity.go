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
	// More is how many further descriptors of the process refer to the socket
	// and have no Holder of their own, for want of room: see AddHolder.
	More int32
}

// MaxHolders is how many holders of one socket are told apart. A program can
// give a socket a million descriptors, with dup(2) and fork(2).
const MaxHolders = 1024

// AddHolder notes that a descriptor refers to the socket, and reports whether
// it has a Holder of its own. Behind the first MaxHolders each process gets
// one more at the most, and the rest is counted: so holders of one process
// must come one after the other.
func (s *Socket) AddHolder(h Holder) bool {
	if n := len(s.Holders); n >= MaxHolders {
		if last := &s.Holders[n-1]; last.Process == h.Process {
			last.More += 1 + h.More
			return false
		}
	}
	s.Holders = append(s.Holders, h)
	return true
}
