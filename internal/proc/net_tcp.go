//go:build linux

package proc

import "github.com/sockleak/sockleak/internal/socket"

// NetTCP calls yield for every TCP socket of the process's network namespace:
// the rows of /proc/PID/net/tcp and tcp6. It needs no privilege. An error of
// yield ends it and is returned. The socket is valid until yield returns.
//
// A row has no cookie and no tcp_info, and of a listener it does not have the
// backlog (SendQ is 0). Sockets without an inode are in an accept queue, in
// TIME_WAIT or orphans. An MPTCP socket appears as its first subflow.
func (fs FS) NetTCP(pid int, yield func(*socket.Socket) error) error {
	return fs.readTables(pid, inetTables("tcp", socket.Stream, socket.TCP, parseTCP), yield)
}

// inetTables returns the tables of a protocol for IPv4 and IPv6.
func inetTables(name string, typ socket.Type, proto socket.Protocol, parse rowParser) []table {
	v4 := socket.Socket{Family: socket.IPv4, Type: typ, Protocol: proto}
	v6 := v4
	v6.Family = socket.IPv6
	return []table{{name, v4, parse}, {name + "6", v6, parse}}
}

// parseTCP parses a row of tcp or tcp6 (get_tcp4_sock, get_timewait4_sock and
// get_openreq4 in net/ipv4/tcp_ipv4.c).
func parseTCP(line []byte, s *socket.Socket) (why string) {
	row, why := parseInet(line, s)
	if why != "" {
		return why
	}
	kind, when, ok := parsePair(row[colTimer])
	if !ok || kind > uint64(socket.Persist) {
		return "malformed timer"
	}
	// As in inet_diag, what counts up depends on the timer: the column of
	// retransmissions, or that of unanswered probes.
	retries, ok := parseUint(row[colRetransmits], 16)
	if !ok {
		return "malformed retransmissions"
	}
	probes, ok := parseUint(row[colProbes], 10)
	if !ok {
		return "malformed probes"
	}
	s.Timer.Kind = socket.TimerKind(kind)
	switch s.Timer.Kind {
	case socket.Retransmit:
		s.Timer.Retries = uint8(min(retries, 255))
	case socket.Keepalive, socket.Persist:
		s.Timer.Retries = uint8(min(probes, 255))
	}
	if s.Timer.Kind != socket.NoTimer {
		s.Timer.Expires = ticks(when)
	}
	s.Facts |= socket.HasTimer
	return ""
}
