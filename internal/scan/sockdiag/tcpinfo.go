//go:build linux

package sockdiag

import (
	"encoding/binary"

	"github.com/sockleak/sockleak/internal/socket"
)

// Offsets in struct tcp_info (include/uapi/linux/tcp.h). The struct only ever
// grew, so that a field is there when the attribute is long enough.
const (
	tcpiRetransmits   = 2
	tcpiProbes        = 3
	tcpiLastDataSent  = 44
	tcpiLastDataRecv  = 52
	tcpiLastAckRecv   = 56
	tcpiBytesAcked    = 120 // Linux 4.1+
	tcpiBytesReceived = 128 // Linux 4.1+
	tcpiBytesSent     = 200 // Linux 4.19+
)

// parseTCPInfo reads the part of struct tcp_info that judging needs. It
// claims nothing when the kernel sent none of it.
func parseTCPInfo(b []byte, s *socket.Socket) {
	if len(b) < tcpiLastAckRecv+4 {
		return
	}
	s.Facts |= socket.HasTCPInfo
	s.TCP = socket.TCPInfo{
		LastDataSent:  milliseconds(binary.NativeEndian.Uint32(b[tcpiLastDataSent:])),
		LastDataRecv:  milliseconds(binary.NativeEndian.Uint32(b[tcpiLastDataRecv:])),
		LastAckRecv:   milliseconds(binary.NativeEndian.Uint32(b[tcpiLastAckRecv:])),
		BytesAcked:    uint64At(b, tcpiBytesAcked),
		BytesReceived: uint64At(b, tcpiBytesReceived),
		BytesSent:     uint64At(b, tcpiBytesSent),
		Retransmits:   b[tcpiRetransmits],
		Probes:        b[tcpiProbes],
	}
}

// uint64At is the number at the offset, 0 where the struct ends before it.
func uint64At(b []byte, offset int) uint64 {
	if len(b) < offset+8 {
		return 0
	}
	return binary.NativeEndian.Uint64(b[offset:])
}
