//go:build linux

package sockdiag

import (
	"context"
	"encoding/binary"

	"github.com/sockleak/sockleak/internal/socket"
)

// Numbers of include/uapi/linux/packet_diag.h.
const (
	sizeofPacketDiagReq = 20
	sizeofPacketDiagMsg = 16

	packetShowInfo    = 0x01
	packetShowMemInfo = 0x10

	packetDiagInfo    = 0
	packetDiagUID     = 5
	packetDiagMemInfo = 6
)

// Packet yields the packet(7) sockets. They have no state and no addresses;
// the queues are the memory that they take. The errors are those of [Conn.TCP].
func (c *Conn) Packet(ctx context.Context, yield func(*socket.Socket) error) error {
	return c.dump(ctx, query{what: "packet", kind: byFamily, request: packetRequest(), parse: parsePacket}, yield)
}

// packetRequest is a dump of all packet sockets (struct packet_diag_req).
func packetRequest() []byte {
	b, body := newDump(socket.Packet, sizeofPacketDiagReq)
	binary.NativeEndian.PutUint32(body[8:], packetShowInfo|packetShowMemInfo)
	return seal(b)
}

// parsePacket parses a row of a packet dump (struct packet_diag_msg).
func parsePacket(b []byte, s *socket.Socket) error {
	if err := checkHeader(b, "packet_diag_msg", sizeofPacketDiagMsg, socket.Packet); err != nil {
		return err
	}
	s.Family, s.Type, s.Presence = socket.Packet, socket.Type(b[1]), socket.InTable
	s.Inode = uint64(binary.NativeEndian.Uint32(b[4:]))
	s.Cookie = cookie(b[8:])
	attrs := b[sizeofPacketDiagMsg:]
	for len(attrs) > 0 {
		kind, value, rest, err := cutAttr(attrs)
		if err != nil {
			return err
		}
		attrs = rest
		switch {
		case kind == packetDiagInfo && len(value) >= 4:
			s.Device = binary.NativeEndian.Uint32(value) // pdi_index
		case kind == packetDiagUID && len(value) >= 4:
			s.UID = binary.NativeEndian.Uint32(value)
		case kind == packetDiagMemInfo:
			parseMemInfo(value, s)
		}
	}
	return nil
}

// parseMemInfo takes the queues from an array of SK_MEMINFO_* values
// (include/uapi/linux/sock_diag.h).
func parseMemInfo(b []byte, s *socket.Socket) {
	const rmemAlloc, wmemAlloc = 0, 2 // SK_MEMINFO_RMEM_ALLOC, SK_MEMINFO_WMEM_ALLOC
	if len(b) < 4*(wmemAlloc+1) {
		return
	}
	s.Facts |= socket.HasQueues
	s.RecvQ = binary.NativeEndian.Uint32(b[4*rmemAlloc:])
	s.SendQ = binary.NativeEndian.Uint32(b[4*wmemAlloc:])
}
