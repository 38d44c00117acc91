//go:build linux

// Package tables knows in which of the kernel's tables a socket can be, by the
// kernel's name of its protocol, so that those are read which can have it.
package tables

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/sockleak/sockleak/internal/proc"
	"github.com/sockleak/sockleak/internal/socket"
)

// Set is a set of tables. A nil Set stands for all of them.
type Set map[string]bool

// The tables by name.
const (
	TCP     = "tcp"
	MPTCP   = "mptcp"
	Bound   = "bound tcp" // TCP sockets that are bound, and neither listen nor are connected
	UDP     = "udp"
	UDPLite = "udplite"
	Raw     = "raw"
	ICMP    = "icmp"
	Unix    = "unix"
	Netlink = "netlink"
	Packet  = "packet"
	Vsock   = "vsock"
)

// Wants reports whether the table is in the set.
func (s Set) Wants(table string) bool { return s == nil || s[table] }

// AddTCP adds the tables of TCP sockets.
func (s Set) AddTCP() { s[TCP], s[MPTCP], s[Bound] = true, true, true }

// Add adds the table of the sockets with the kernel's name of a protocol other
// than TCP, if there is one.
func (s Set) Add(protocol string) {
	switch strings.TrimSuffix(protocol, "v6") {
	case "UNIX", "UNIX-STREAM":
		s[Unix] = true
	case "RAW":
		s[Raw] = true
	case "PING":
		s[ICMP] = true
	case "PACKET":
		s[Packet] = true
	case "UDP":
		s[UDP] = true
	case "UDP-Lite", "UDPLITE":
		s[UDPLite] = true
	case "NETLINK":
		s[Netlink] = true
	case "AF_VSOCK":
		s[Vsock] = true
	}
}

// MayBeTCP reports whether sockets with the kernel's name of the protocol are
// in the TCP table.
func MayBeTCP(protocol string) bool {
	switch strings.TrimSuffix(protocol, "v6") {
	case "TCP", "MPTCP":
		return true
	}
	return false
}

// maxNames is how many sockets are asked for the name of their protocol, which
// takes two system calls each, rather than all tables.
const maxNames = 512

// Namer notes the kernel's name of a socket's protocol.
type Namer interface {
	Name(s *socket.Socket, protocol string)
}

// Of returns the tables that the sockets can be in, by the names of their
// protocols, which it notes. A nil Set means that something may be anywhere.
func Of(fs proc.FS, list []*socket.Socket, b Namer) Set {
	if len(list) > maxNames {
		return nil
	}
	wanted := Set{}
	for _, s := range list {
		protocol, ok := nameOf(fs, s)
		switch {
		case !ok:
			return nil
		case MayBeTCP(protocol):
			wanted.AddTCP()
		default:
			wanted.Add(protocol)
		}
		b.Name(s, protocol)
	}
	return wanted
}

// nameOf asks for the kernel's name of the protocol. It returns false when that
// is not known; of a descriptor that was closed meanwhile there is no need.
func nameOf(files proc.FS, s *socket.Socket) (protocol string, ok bool) {
	for i := range s.Holders {
		h := &s.Holders[i]
		name, err := files.SockProtoName(h.Process.PID, h.FD, s.Inode)
		if err == nil && name != "" {
			return name, true
		}
		ok = errors.Is(err, fs.ErrNotExist)
	}
	return "", ok
}

// Where returns the table that a described socket was found in; "" when it is
// not known.
func Where(s *socket.Socket) string {
	switch s.Family {
	case socket.Unix:
		return Unix
	case socket.Netlink:
		return Netlink
	case socket.Packet:
		return Packet
	case socket.Vsock:
		return Vsock
	}
	switch {
	case !s.Family.IP():
		return ""
	case s.Type == socket.Raw:
		return Raw
	case s.Protocol == socket.UDP:
		return UDP
	case s.Protocol == socket.UDPLite:
		return UDPLite
	case s.Protocol == socket.ICMP, s.Protocol == socket.ICMPv6:
		return ICMP
	}
	return ""
}

// Few is how many times as many sockets the TCP table must have as the targets
// for it to be worth asking for less than the table. A row with tcp_info costs
// the kernel about 1.2 us more than one without, a look-up about 2.5 us.
const Few = 4

// FewOfMany returns how many TCP sockets the machine has, whose namespaces share
// one table, and whether the table has more than factor times as many as are
// held.
func FewOfMany(fs proc.FS, pid, held, factor int) (table int, few bool) {
	stat, _ := fs.SockStat(pid) // an error means that nothing is known of the table
	table = stat.Alloc + stat.TimeWait
	return table, held*factor < table
}
