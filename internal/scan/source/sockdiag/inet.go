//go:build linux

package sockdiag

import (
	"encoding/binary"
	"net/netip"
	"time"

	"github.com/sockleak/sockleak/internal/socket"
)

// sizeofInetDiagMsg is the size of struct inet_diag_msg
// (include/uapi/linux/inet_diag.h).
const sizeofInetDiagMsg = 4 + sizeofInetDiagSockID + 5*4

// inetDiagInfo is the attribute INET_DIAG_INFO: struct tcp_info of a TCP
// socket, struct mptcp_info of an MPTCP socket.
const inetDiagInfo = 2

// parseInetMsg fills in what struct inet_diag_msg has for every protocol. The
// queues and the timer are set but not claimed: what they mean is the
// protocol's.
func parseInetMsg(b []byte, s *socket.Socket) error {
	if len(b) < sizeofInetDiagMsg {
		return malformed("inet_diag_msg of %d bytes", len(b))
	}
	s.Family = socket.Family(b[0])
	if !s.Family.IP() {
		return malformed("inet_diag_msg of address family %d", b[0])
	}
	s.State = socket.State(b[1])
	s.Timer.Kind = socket.TimerKind(b[2])
	s.Timer.Retries = b[3]
	s.Local = addrPort(s.Family, b[8:24], b[4:6])
	s.Remote = addrPort(s.Family, b[24:40], b[6:8])
	if s.Remote.Port() == 0 && s.Remote.Addr().IsUnspecified() {
		s.Remote = netip.AddrPort{}
	}
	s.Device = binary.NativeEndian.Uint32(b[40:])
	s.Cookie = cookie(b[44:])
	s.Timer.Expires = milliseconds(int32(binary.NativeEndian.Uint32(b[52:])))
	s.RecvQ = binary.NativeEndian.Uint32(b[56:])
	s.SendQ = binary.NativeEndian.Uint32(b[60:])
	s.UID = binary.NativeEndian.Uint32(b[64:])
	s.Inode = uint64(binary.NativeEndian.Uint32(b[68:]))
	s.Presence = socket.InTable
	s.Facts = socket.HasState | socket.HasAddrs
	return nil
}

// addrPort reads an address and a port, both in network byte order. An IPv4
// address is in the first four bytes.
func addrPort(family socket.Family, addr, port []byte) netip.AddrPort {
	p := binary.BigEndian.Uint16(port)
	if family == socket.IPv4 {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(addr)), p)
	}
	return netip.AddrPortFrom(netip.AddrFrom16([16]byte(addr)).Unmap(), p)
}

// cookie reads the two halves of a cookie, the lower one first
// (net/core/sock_diag.c, sock_diag_save_cookie).
func cookie(b []byte) uint64 {
	return uint64(binary.NativeEndian.Uint32(b)) | uint64(binary.NativeEndian.Uint32(b[4:]))<<32
}

func milliseconds[T int32 | uint32](n T) time.Duration {
	return time.Duration(n) * time.Millisecond
}

// parseTCP parses a row of a TCP dump.
func parseTCP(b []byte, s *socket.Socket) error {
	if err := parseInetMsg(b, s); err != nil {
		return err
	}
	s.Type, s.Protocol = socket.Stream, socket.TCP
	s.Facts |= socket.HasQueues | socket.HasTimer
	info, err := findAttr(b[sizeofInetDiagMsg:], inetDiagInfo)
	if err != nil {
		return err
	}
	switch s.State {
	case socket.Close:
		setClosed(s)
	case socket.Listen: // tcp_info has nothing of a listener but its queue
	default:
		parseTCPInfo(info, s)
	}
	return nil
}

// setClosed tells apart what is in state CLOSE. No hash table of connections
// has such a socket; the dump of bound-inactive ones calls them by their TCP
// state (net/ipv4/inet_diag.c, inet_diag_dump_icsk), and shows among them those
// that were bound to a port of the program's choice, and whose connection then
// failed or was reset. A connection may also end while its row is written.
func setClosed(s *socket.Socket) {
	s.Facts = socket.HasState | socket.HasAddrs
	s.RecvQ, s.SendQ, s.Timer = 0, 0, socket.Timer{} // leftovers
	if s.Remote.Port() != 0 {
		s.Presence = socket.NotInTable
		return
	}
	s.State, s.Presence = socket.BoundInactive, socket.Bound
	s.Remote = netip.AddrPort{} // a refused connect() leaves the address behind
}

// parseUDP parses a row of a UDP dump. The queues are the memory that they
// take (truesize), as ss(8) and /proc/PID/net/udp show them.
func parseUDP(b []byte, s *socket.Socket) error {
	if err := parseInetMsg(b, s); err != nil {
		return err
	}
	s.Type, s.Protocol = socket.Dgram, socket.UDP
	s.Timer = socket.Timer{}
	s.Facts |= socket.HasQueues
	return nil
}

// parseUDPLite parses a row of a UDP-Lite dump.
func parseUDPLite(b []byte, s *socket.Socket) error {
	err := parseUDP(b, s)
	s.Protocol = socket.UDPLite
	return err
}

// parseRaw parses a row of a dump of raw sockets, whose local port is the
// protocol that they were made for (net/ipv4/af_inet.c, inet_create).
func parseRaw(b []byte, s *socket.Socket) error {
	if err := parseUDP(b, s); err != nil {
		return err
	}
	s.Type, s.Protocol = socket.Raw, socket.Protocol(s.Local.Port())
	s.Local = netip.AddrPortFrom(s.Local.Addr(), 0)
	if s.Remote.IsValid() {
		s.Remote = netip.AddrPortFrom(s.Remote.Addr(), 0)
	}
	return nil
}

// findAttr returns the value of the first attribute of the given kind, nil
// when there is none. It checks all of them.
func findAttr(b []byte, want uint16) (found []byte, err error) {
	for len(b) > 0 {
		kind, value, rest, err := cutAttr(b)
		if err != nil {
			return nil, err
		}
		if kind == want && found == nil {
			found = value
		}
		b = rest
	}
	return found, nil
}
