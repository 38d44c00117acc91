//go:build linux

package proc

import (
	"bytes"
	"encoding/binary"
	"net/netip"

	"github.com/sockleak/sockleak/internal/socket"
)

// The columns of tcp, udp, udplite, raw and icmp, up to the last that is of
// use (get_tcp4_sock in net/ipv4/tcp_ipv4.c, udp4_format_sock in
// net/ipv4/udp.c, and their IPv6 counterparts).
const (
	colLocal = iota + 1
	colRemote
	colState
	colQueues
	colTimer
	colRetransmits
	colUID
	colProbes // the header calls it timeout
	colInode
	inetColumns
)

// inetRow holds the fields of one row.
type inetRow [inetColumns][]byte

// parseInet fills s from a row of an IP socket table: state, addresses,
// queues, uid and inode.
func parseInet(line []byte, s *socket.Socket) (row inetRow, why string) {
	if !splitFields(line, row[:]) {
		return row, "too few columns"
	}
	var ok bool
	if s.Local, ok = parseAddrPort(row[colLocal], s.Family); !ok {
		return row, "malformed local address"
	}
	if s.Remote, ok = parseAddrPort(row[colRemote], s.Family); !ok {
		return row, "malformed remote address"
	}
	if s.Remote.Port() == 0 && s.Remote.Addr().IsUnspecified() {
		s.Remote = netip.AddrPort{}
	}
	state, ok := parseUint(row[colState], 16)
	if !ok || state > 0xff {
		return row, "malformed state"
	}
	s.State = socket.State(state)
	send, recv, ok := parsePair(row[colQueues])
	if !ok || send > 1<<32-1 || recv > 1<<32-1 {
		return row, "malformed queues"
	}
	s.SendQ, s.RecvQ = uint32(send), uint32(recv)
	uid, ok := parseUint(row[colUID], 10)
	if !ok || uid > 1<<32-1 {
		return row, "malformed uid"
	}
	s.UID = uint32(uid)
	if s.Inode, ok = parseUint(row[colInode], 10); !ok {
		return row, "malformed inode"
	}
	s.Presence = socket.InTable
	s.Facts = socket.HasState | socket.HasAddrs | socket.HasQueues
	return row, ""
}

// parsePair parses two hexadecimal numbers with a colon between them.
func parsePair(text []byte) (a, b uint64, ok bool) {
	left, right, _ := bytes.Cut(text, []byte(":"))
	a, okA := parseUint(left, 16)
	b, okB := parseUint(right, 16)
	return a, b, okA && okB
}

// parseAddrPort parses an address and a port. The kernel prints an address as
// words of 32 bits as they lie in memory (%08X of __be32), so that their
// bytes come in the order of this machine. The port is in plain order.
func parseAddrPort(text []byte, family socket.Family) (netip.AddrPort, bool) {
	addr, port, _ := bytes.Cut(text, []byte(":"))
	size := 4
	if family == socket.IPv6 {
		size = 16
	}
	if len(addr) != 2*size {
		return netip.AddrPort{}, false
	}
	var raw [16]byte
	for i := 0; i < size; i += 4 {
		word, ok := parseUint(addr[2*i:2*i+8], 16)
		if !ok {
			return netip.AddrPort{}, false
		}
		binary.NativeEndian.PutUint32(raw[i:], uint32(word))
	}
	number, ok := parseUint(port, 16)
	if !ok || number > 0xffff {
		return netip.AddrPort{}, false
	}
	ip := netip.AddrFrom16(raw).Unmap()
	if family != socket.IPv6 {
		ip = netip.AddrFrom4([4]byte(raw[:4]))
	}
	return netip.AddrPortFrom(ip, uint16(number)), true
}
