//go:build linux

package sockdiag

import (
	"context"
	"encoding/binary"

	"github.com/sockleak/sockleak/internal/socket"
)

// Numbers of include/uapi/linux/netlink_diag.h.
const (
	sizeofNetlinkDiagReq = 20
	sizeofNetlinkDiagMsg = 28

	ndiagProtoAll    = 0xff
	ndiagShowMemInfo = 0x01
	netlinkMemInfo   = 0 // NETLINK_DIAG_MEMINFO
)

// Netlink yields the netlink(7) sockets of all netlink families that are bound
// or connected, the kernel's and the Conn's own among them. The queues are the
// memory that they take. The errors are those of [Conn.TCP].
func (c *Conn) Netlink(ctx context.Context, yield func(*socket.Socket) error) error {
	return c.dump(ctx, query{what: "netlink", kind: byFamily, request: netlinkRequest(), parse: parseNetlink}, yield)
}

// netlinkRequest is a dump of all netlink sockets (struct netlink_diag_req).
func netlinkRequest() []byte {
	b, body := newDump(socket.Netlink, sizeofNetlinkDiagReq)
	body[1] = ndiagProtoAll
	binary.NativeEndian.PutUint32(body[8:], ndiagShowMemInfo)
	return seal(b)
}

// parseNetlink parses a row of a netlink dump (struct netlink_diag_msg).
func parseNetlink(b []byte, s *socket.Socket) error {
	if err := checkHeader(b, "netlink_diag_msg", sizeofNetlinkDiagMsg, socket.Netlink); err != nil {
		return err
	}
	s.Family, s.Type, s.Presence = socket.Netlink, socket.Type(b[1]), socket.InTable
	s.Facts = socket.HasState
	s.State = socket.Close
	if b[3] == 1 { // NETLINK_CONNECTED of include/linux/netlink.h
		s.State = socket.Established
	}
	s.Inode = uint64(binary.NativeEndian.Uint32(b[16:]))
	s.Cookie = cookie(b[20:])
	info, err := findAttr(b[sizeofNetlinkDiagMsg:], netlinkMemInfo)
	parseMemInfo(info, s)
	return err
}
