//go:build linux

package sockdiag

import (
	"context"
	"encoding/binary"

	"github.com/sockleak/sockleak/internal/socket"
)

// Offsets in struct mptcp_info (include/uapi/linux/mptcp.h).
const (
	mptcpiBytesSent     = 56 // this and the two below: Linux 6.5+
	mptcpiBytesReceived = 64
	mptcpiBytesAcked    = 72
	mptcpiLastDataSent  = 84 // this and the two below: Linux 6.10+
	mptcpiLastDataRecv  = 88
	mptcpiLastAckRecv   = 92
)

// MPTCP yields the MPTCP sockets (RFC 8684) of both address families: those
// that programs hold, with the state of the whole connection. The subflows
// that carry one are rows of [Conn.TCP] with the same inode and another
// cookie, and their state may differ: ESTABLISHED under an MPTCP socket in
// CLOSE_WAIT.
//
// The queues are known of listeners only, and there is no timer: both are the
// subflows'. HasTCPInfo takes Linux 6.10. Before Linux 5.9, or without
// mptcp_diag, the error is [ErrNoModule].
func (c *Conn) MPTCP(ctx context.Context, yield func(*socket.Socket) error) error {
	return c.dumpFamilies(ctx, "mptcp", socket.MPTCP, extInfo, parseMPTCP, yield)
}

// parseMPTCP parses a row of an MPTCP dump.
func parseMPTCP(b []byte, s *socket.Socket) error {
	if err := parseInetMsg(b, s); err != nil {
		return err
	}
	s.Type, s.Protocol = socket.Stream, socket.MPTCP
	s.Timer = socket.Timer{}
	info, err := findAttr(b[sizeofInetDiagMsg:], inetDiagInfo)
	if err != nil {
		return err
	}
	if s.State == socket.Listen {
		s.Facts |= socket.HasQueues
		return nil
	}
	// What the kernel gives here is allocated memory, not unread bytes: a 0
	// would not mean that the end of the stream was read.
	s.RecvQ, s.SendQ = 0, 0
	parseMPTCPInfo(info, s)
	return nil
}

// parseMPTCPInfo reads the ages and counts of struct mptcp_info. It claims
// nothing when the kernel's struct is too old to have the ages.
func parseMPTCPInfo(b []byte, s *socket.Socket) {
	if len(b) < mptcpiLastAckRecv+4 {
		return
	}
	s.Facts |= socket.HasTCPInfo
	s.TCP = socket.TCPInfo{
		LastDataSent:  milliseconds(binary.NativeEndian.Uint32(b[mptcpiLastDataSent:])),
		LastDataRecv:  milliseconds(binary.NativeEndian.Uint32(b[mptcpiLastDataRecv:])),
		LastAckRecv:   milliseconds(binary.NativeEndian.Uint32(b[mptcpiLastAckRecv:])),
		BytesAcked:    uint64At(b, mptcpiBytesAcked),
		BytesReceived: uint64At(b, mptcpiBytesReceived),
		BytesSent:     uint64At(b, mptcpiBytesSent),
	}
}
