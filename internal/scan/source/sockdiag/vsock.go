//go:build linux

package sockdiag

import (
	"context"
	"encoding/binary"

	"github.com/sockleak/sockleak/internal/socket"
)

// Sizes of include/uapi/linux/vm_sockets_diag.h.
const (
	sizeofVsockDiagReq = 24
	sizeofVsockDiagMsg = 32
)

// Vsock yields the vsock(7) sockets with their state. Their addresses are not
// IP addresses and are left out. It takes vsock_diag (Linux 4.15+), which many
// kernels lack: [ErrNoModule].
func (c *Conn) Vsock(ctx context.Context, yield func(*socket.Socket) error) error {
	return c.dump(ctx, query{what: "vsock", kind: byFamily, request: vsockRequest(), parse: parseVsock}, yield)
}

// vsockRequest is a dump of all vsock sockets (struct vsock_diag_req).
func vsockRequest() []byte {
	b, body := newDump(socket.Vsock, sizeofVsockDiagReq)
	binary.NativeEndian.PutUint32(body[4:], uint32(socket.AllStates))
	return seal(b)
}

// parseVsock parses a row of a vsock dump (struct vsock_diag_msg).
func parseVsock(b []byte, s *socket.Socket) error {
	if err := checkHeader(b, "vsock_diag_msg", sizeofVsockDiagMsg, socket.Vsock); err != nil {
		return err
	}
	s.Family, s.Type, s.State = socket.Vsock, socket.Type(b[1]), socket.State(b[2])
	s.Inode = uint64(binary.NativeEndian.Uint32(b[20:]))
	s.Cookie = cookie(b[24:])
	s.Presence, s.Facts = socket.InTable, socket.HasState
	return nil
}
