//go:build linux

package proc

import (
	"net/netip"

	"github.com/sockleak/sockleak/internal/socket"
)

// NetUDP is [FS.NetTCP] for UDP: /proc/PID/net/udp and udp6. A connected
// socket is ESTABLISHED, another is CLOSE. RecvQ counts the kernel's buffers,
// which are larger than the datagrams in them.
func (fs FS) NetUDP(pid int, yield func(*socket.Socket) error) error {
	return fs.readTables(pid, inetTables("udp", socket.Dgram, socket.UDP, parseUDP), yield)
}

// NetUDPLite is [FS.NetUDP] for UDP-Lite: /proc/PID/net/udplite and udplite6.
func (fs FS) NetUDPLite(pid int, yield func(*socket.Socket) error) error {
	return fs.readTables(pid, inetTables("udplite", socket.Dgram, socket.UDPLite, parseUDP), yield)
}

// NetICMP is [FS.NetUDP] for ping sockets (icmp(7)): /proc/PID/net/icmp and
// icmp6. Their port is the identifier in the echo requests.
func (fs FS) NetICMP(pid int, yield func(*socket.Socket) error) error {
	tables := inetTables("icmp", socket.Dgram, socket.ICMP, parseUDP)
	tables[1].base.Protocol = socket.ICMPv6
	return fs.readTables(pid, tables, yield)
}

// NetRaw is [FS.NetUDP] for raw sockets (raw(7)): /proc/PID/net/raw and raw6.
func (fs FS) NetRaw(pid int, yield func(*socket.Socket) error) error {
	return fs.readTables(pid, inetTables("raw", socket.Raw, 0, parseRaw), yield)
}

// parseUDP parses a row of udp, udplite or icmp. They have no timers.
func parseUDP(line []byte, s *socket.Socket) (why string) {
	_, why = parseInet(line, s)
	return why
}

// parseRaw parses a row of raw or raw6, where the protocol number stands in
// place of the local port (raw_sock_seq_show in net/ipv4/raw.c).
func parseRaw(line []byte, s *socket.Socket) (why string) {
	if _, why = parseInet(line, s); why != "" {
		return why
	}
	s.Protocol = socket.Protocol(s.Local.Port())
	s.Local = netip.AddrPortFrom(s.Local.Addr(), 0)
	return ""
}
