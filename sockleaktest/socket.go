package sockleaktest

import (
	"fmt"
	"net/netip"
	"strconv"
)

// Socket is an open socket of the test's process.
type Socket struct {
	FD      int
	Network string         // such as tcp, udp or unix
	State   string         // as ss(8) names it, such as LISTEN or CLOSE_WAIT; "" when not known
	Role    Role           // which side of a connection it is
	Local   netip.AddrPort // of IP sockets; the zero value when not bound
	Remote  netip.AddrPort // of IP sockets; the zero value when not connected
	Path    string         // of UNIX sockets that are bound, else ""; abstract names begin with @
	Unread  int            // bytes that wait to be read; 0 when not known

	id         identity
	connected  bool
	remotePath string // of UNIX sockets
	reuse      bool   // SO_REUSEADDR
}

// identity tells sockets apart. Descriptors and inodes are reused; the
// kernel's cookie (SO_COOKIE, Linux 4.6) is not.
type identity struct{ cookie, inode uint64 }

// String describes the socket on one line.
func (s Socket) String() string {
	text := fmt.Sprintf("fd %d  %s", s.FD, s.name())
	if at := s.local(); at != "" {
		text += " " + at
	}
	if to := s.remote(); to != "" {
		text += " -> " + to
	}
	if s.Role == Accepted || s.Role == Opened {
		text += " (" + s.Role.String() + ")"
	}
	if s.Unread > 0 {
		text += fmt.Sprintf(", %d bytes unread", s.Unread)
	}
	return text
}

// name is the network and the state, as far as it is known.
func (s Socket) name() string {
	if s.State == "" {
		return s.Network
	}
	return s.Network + " " + s.State
}

// local and remote are the addresses, or "" for one that there is not. Paths
// are quoted: they may hold anything.
func (s Socket) local() string  { return addressText(s.Local, s.Path) }
func (s Socket) remote() string { return addressText(s.Remote, s.remotePath) }

func addressText(ip netip.AddrPort, path string) string {
	switch {
	case path != "":
		return strconv.Quote(path)
	case ip.IsValid():
		return ip.String()
	}
	return ""
}
