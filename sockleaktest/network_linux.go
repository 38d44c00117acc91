package sockleaktest

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// networkName names a socket as the net package does, or by its family or
// protocol where that package has no name.
func networkName(family, kind, protocol int) string {
	switch family {
	case unix.AF_UNIX:
		return "unix"
	case unix.AF_NETLINK:
		return "netlink"
	case unix.AF_PACKET:
		return "packet"
	case unix.AF_VSOCK:
		return "vsock"
	case unix.AF_INET, unix.AF_INET6:
	default:
		return "family-" + strconv.Itoa(family)
	}
	switch {
	case protocol == unix.IPPROTO_TCP, protocol == unix.IPPROTO_MPTCP: // MPTCP: Go's listeners since 1.24
		return "tcp"
	case protocol == unix.IPPROTO_UDP:
		return "udp"
	case protocol == unix.IPPROTO_ICMP, protocol == unix.IPPROTO_ICMPV6:
		return "icmp"
	case kind == unix.SOCK_RAW:
		return "ip"
	}
	return "protocol-" + strconv.Itoa(protocol)
}
