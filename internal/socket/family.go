package socket

import "strconv"

// Family is an address family (AF_*, include/linux/socket.h).
type Family uint16

// The address families that sockleak knows by more than their number.
const (
	Unspec  Family = 0
	Unix    Family = 1
	IPv4    Family = 2
	IPv6    Family = 10
	Netlink Family = 16
	Packet  Family = 17
	TIPC    Family = 30
	Alg     Family = 38
	Vsock   Family = 40
	SMC     Family = 43
	XDP     Family = 44
)

// String returns the family's short name in lower case, or af-N.
func (f Family) String() string {
	switch f {
	case Unspec:
		return "unknown"
	case Unix:
		return "unix"
	case IPv4:
		return "ipv4"
	case IPv6:
		return "ipv6"
	case Netlink:
		return "netlink"
	case Packet:
		return "packet"
	case TIPC:
		return "tipc"
	case Alg:
		return "alg"
	case Vsock:
		return "vsock"
	case SMC:
		return "smc"
	case XDP:
		return "xdp"
	}
	return "af-" + strconv.Itoa(int(f))
}

// IP reports whether the family is IPv4 or IPv6.
func (f Family) IP() bool { return f == IPv4 || f == IPv6 }

// Type is a socket type (SOCK_*, include/linux/net.h).
type Type uint8

// The socket types of include/linux/net.h.
const (
	Stream    Type = 1
	Dgram     Type = 2
	Raw       Type = 3
	Seqpacket Type = 5
)

// String returns the type's name in lower case, or type-N.
func (t Type) String() string {
	switch t {
	case 0:
		return ""
	case Stream:
		return "stream"
	case Dgram:
		return "dgram"
	case Raw:
		return "raw"
	case Seqpacket:
		return "seqpacket"
	}
	return "type-" + strconv.Itoa(int(t))
}

// Protocol is an IP protocol number (IPPROTO_*, include/uapi/linux/in.h). It
// has a meaning for IPv4 and IPv6 sockets only.
type Protocol uint16

// The protocols that sockleak tells apart.
const (
	ICMP    Protocol = 1
	TCP     Protocol = 6
	UDP     Protocol = 17
	ICMPv6  Protocol = 58
	SCTP    Protocol = 132
	UDPLite Protocol = 136
	MPTCP   Protocol = 262
)

// String returns the protocol's name in lower case, or proto-N.
func (p Protocol) String() string {
	switch p {
	case ICMP:
		return "icmp"
	case TCP:
		return "tcp"
	case UDP:
		return "udp"
	case ICMPv6:
		return "icmpv6"
	case SCTP:
		return "sctp"
	case UDPLite:
		return "udplite"
	case MPTCP:
		return "mptcp"
	}
	return "proto-" + strconv.Itoa(int(p))
}
