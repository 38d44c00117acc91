//go:build linux

package sockdiag

import (
	"context"

	"github.com/sockleak/sockleak/internal/socket"
)

// mptcpInfo is struct mptcp_info (include/uapi/linux/mptcp.h): bytes since
// Linux 6.5, ages since 6.10.
func mptcpInfo() infoLayout {
	return infoLayout{
		lastDataSent: 84, lastDataRecv: 88, lastAckRecv: 92,
		bytesAcked: 72, bytesReceived: 64, bytesSent: 56,
	}
}

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
	mptcpInfo().parse(info, s)
	return nil
}
