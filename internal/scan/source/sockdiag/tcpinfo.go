//go:build linux

package sockdiag

import (
	"encoding/binary"

	"github.com/sockleak/sockleak/internal/socket"
)

// Offsets in struct tcp_info (include/uapi/linux/tcp.h) that it does not share
// with struct mptcp_info.
const (
	tcpiRetransmits = 2
	tcpiProbes      = 3
	tcpiDataSegsIn  = 152 // u32, since 4.6; tcpi_data_segs_out follows
)

// infoLayout has the offsets of what struct tcp_info and struct mptcp_info
// both tell. The structs only ever grew, so that a field is there when the
// attribute is long enough.
type infoLayout struct {
	lastDataSent, lastDataRecv, lastAckRecv int // u32, milliseconds
	bytesAcked, bytesReceived, bytesSent    int // u64
}

// tcpInfo is struct tcp_info: bytes acked and received since Linux 4.1, bytes
// sent since 4.19.
func tcpInfo() infoLayout {
	return infoLayout{
		lastDataSent: 44, lastDataRecv: 52, lastAckRecv: 56,
		bytesAcked: 120, bytesReceived: 128, bytesSent: 200,
	}
}

// parseTCPInfo reads the part of struct tcp_info that judging needs.
func parseTCPInfo(b []byte, s *socket.Socket) {
	if tcpInfo().parse(b, s) {
		s.TCP.Retransmits, s.TCP.Probes = b[tcpiRetransmits], b[tcpiProbes]
		if len(b) >= tcpiDataSegsIn+8 {
			s.Facts |= socket.HasDataSegs
			s.TCP.DataSegsIn = binary.NativeEndian.Uint32(b[tcpiDataSegsIn:])
			s.TCP.DataSegsOut = binary.NativeEndian.Uint32(b[tcpiDataSegsIn+4:])
		}
	}
}

// parse reads the ages and counts. It claims nothing and returns false when
// the struct is too short to have the ages.
func (l infoLayout) parse(b []byte, s *socket.Socket) bool {
	if len(b) < l.lastAckRecv+4 {
		return false
	}
	s.Facts |= socket.HasTCPInfo
	s.TCP = socket.TCPInfo{
		LastDataSent:  milliseconds(binary.NativeEndian.Uint32(b[l.lastDataSent:])),
		LastDataRecv:  milliseconds(binary.NativeEndian.Uint32(b[l.lastDataRecv:])),
		LastAckRecv:   milliseconds(binary.NativeEndian.Uint32(b[l.lastAckRecv:])),
		BytesAcked:    uint64At(b, l.bytesAcked),
		BytesReceived: uint64At(b, l.bytesReceived),
		BytesSent:     uint64At(b, l.bytesSent),
	}
	return true
}

// uint64At is the number at the offset, 0 where the struct ends before it.
func uint64At(b []byte, offset int) uint64 {
	if len(b) < offset+8 {
		return 0
	}
	return binary.NativeEndian.Uint64(b[offset:])
}
