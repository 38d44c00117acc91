//go:build linux

package proc

import (
	"bytes"

	"github.com/sockleak/sockleak/internal/socket"
)

// soAcceptCon is __SO_ACCEPTCON of include/uapi/linux/net.h: the socket listens.
const soAcceptCon = 1 << 16

// The socket_state values of include/uapi/linux/net.h in the St column.
const (
	ssConnecting = 2 // connected, and not yet accepted
	ssConnected  = 3
)

// NetUnix is [FS.NetTCP] for UNIX sockets: /proc/PID/net/unix. The table has
// neither queues nor the peer. UnixInfo is a new value for each row.
//
// A bound path may contain a newline, which ends its row here: such a path is
// given up to the newline, and the line after it is skipped, unless it was
// made to look like a row. sock_diag(7) has no such weakness.
func (fs FS) NetUnix(pid int, yield func(*socket.Socket) error) error {
	base := socket.Socket{Family: socket.Unix}
	return fs.readTables(pid, []table{{"unix", base, parseUnix}}, yield)
}

// parseUnix parses a row "Num RefCount Protocol Flags Type St Inode Path"
// (unix_seq_show in net/unix/af_unix.c). The path is separated by one space
// and may itself contain any byte but NUL.
func parseUnix(line []byte, s *socket.Socket) (why string) {
	var fields [7][]byte
	rest := line
	for i := range fields {
		fields[i], rest = nextField(rest)
	}
	if !bytes.HasSuffix(fields[0], []byte(":")) {
		return "" // the rest of a path with a newline
	}
	if len(fields[6]) == 0 {
		return "too few columns"
	}
	flags, okFlags := parseUint(fields[3], 16)
	typ, okType := parseUint(fields[4], 16)
	state, okState := parseUint(fields[5], 16)
	inode, okInode := parseUint(fields[6], 10)
	if !okFlags || !okType || !okState || !okInode || typ > 0xff {
		return "field is not a number"
	}
	s.Type = socket.Type(typ)
	s.Inode = inode
	s.State = socket.Close
	switch {
	case flags&soAcceptCon != 0:
		s.State = socket.Listen
	case state == ssConnected || state == ssConnecting:
		s.State = socket.Established
	}
	s.UnixInfo = &socket.UnixInfo{Path: string(bytes.TrimPrefix(rest, []byte(" ")))}
	s.Presence = socket.InTable
	s.Facts = socket.HasState
	return ""
}
