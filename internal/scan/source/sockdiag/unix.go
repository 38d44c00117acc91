//go:build linux

package sockdiag

import (
	"bytes"
	"context"
	"encoding/binary"

	"github.com/sockleak/sockleak/internal/socket"
)

// Numbers of include/uapi/linux/unix_diag.h.
const (
	sizeofUnixDiagReq = 24
	sizeofUnixDiagMsg = 16

	udiagShowName  = 0x01
	udiagShowPeer  = 0x04
	udiagShowIcons = 0x08
	udiagShowRQLen = 0x10
	udiagShowUID   = 0x40 // Linux 5.3+, ignored before

	unixDiagName     = 0
	unixDiagPeer     = 2
	unixDiagIcons    = 3
	unixDiagRQLen    = 4
	unixDiagShutdown = 6
	unixDiagUID      = 7
)

// Unix yields the UNIX sockets that a file refers to: those that wait in an
// accept queue are not dumped. The socket and its UnixInfo are valid only until
// yield returns. The errors are those of [Conn.TCP].
//
// RecvQ is the unread bytes, of a datagram socket those of its first
// datagram; SendQ is the memory that sent and unread data takes.
//
// PeerGone is deduced, for the kernel has no such flag. It is wrong for a
// socket that shut both its directions down while the other end still waited
// in an accept queue.
func (c *Conn) Unix(ctx context.Context, yield func(*socket.Socket) error) error {
	c.row.UnixInfo = &c.unix
	defer func() { c.row.UnixInfo = nil }()
	return c.dump(ctx, query{what: "unix", kind: byFamily, request: unixRequest(), parse: parseUnix}, yield)
}

// unixRequest is a dump of all UNIX sockets.
func unixRequest() []byte {
	return unixRequestOf(socket.AllStates, udiagShowName|udiagShowPeer|udiagShowRQLen|udiagShowUID)
}

// unixRequestOf is a dump of those in the given states, with the attributes that
// are asked for (struct unix_diag_req).
func unixRequestOf(states socket.States, show uint32) []byte {
	b, body := newDump(socket.Unix, sizeofUnixDiagReq)
	binary.NativeEndian.PutUint32(body[4:], uint32(states))
	binary.NativeEndian.PutUint32(body[12:], show)
	return seal(b)
}

// parseUnix parses a row of a UNIX dump (struct unix_diag_msg) into s and its
// UnixInfo, which must not be nil.
func parseUnix(b []byte, s *socket.Socket) error {
	if err := checkHeader(b, "unix_diag_msg", sizeofUnixDiagMsg, socket.Unix); err != nil {
		return err
	}
	s.Family, s.Type, s.State = socket.Unix, socket.Type(b[1]), socket.State(b[2])
	s.Inode = uint64(binary.NativeEndian.Uint32(b[4:]))
	s.Cookie = cookie(b[8:])
	s.Presence, s.Facts = socket.InTable, socket.HasState
	var a unixAttrs
	if err := a.parse(b[sizeofUnixDiagMsg:]); err != nil {
		return err
	}
	s.UID = a.uid
	if a.hasQueues {
		s.Facts |= socket.HasQueues
		s.RecvQ, s.SendQ = a.recvQ, a.sendQ
	}
	*s.UnixInfo = socket.UnixInfo{Path: unixPath(a.name), PeerInode: uint64(a.peer), PeerGone: a.peerGone(s)}
	return nil
}

// unixAttrs are the attributes of a row.
type unixAttrs struct {
	name         []byte
	uid          uint32
	peer         uint32 // inode; 0 when the peer has no file
	hasPeer      bool   // there is a peer, closed or not
	shutdown     byte   // RCV_SHUTDOWN 1 | SEND_SHUTDOWN 2
	recvQ, sendQ uint32
	hasQueues    bool
}

// parse reads the attributes that the row has; short ones are errors.
func (a *unixAttrs) parse(b []byte) error {
	for len(b) > 0 {
		kind, value, rest, err := cutAttr(b)
		if err != nil {
			return err
		}
		b = rest
		if len(value) < unixAttrSize(kind) {
			return malformed("unix_diag attribute %d of %d bytes", kind, len(value))
		}
		switch kind {
		case unixDiagName:
			a.name = value
		case unixDiagPeer:
			a.peer, a.hasPeer = binary.NativeEndian.Uint32(value), true
		case unixDiagRQLen:
			a.recvQ, a.sendQ = binary.NativeEndian.Uint32(value), binary.NativeEndian.Uint32(value[4:])
			a.hasQueues = true
		case unixDiagShutdown:
			a.shutdown = value[0]
		case unixDiagUID:
			a.uid = binary.NativeEndian.Uint32(value)
		}
	}
	return nil
}

// unixAttrSize is the least size of an attribute's value.
func unixAttrSize(kind uint16) int {
	switch kind {
	case unixDiagRQLen:
		return 8 // struct unix_diag_rqlen
	case unixDiagPeer, unixDiagUID:
		return 4
	case unixDiagShutdown:
		return 1
	}
	return 0
}

// peerGone tells from what the kernel leaves behind whether the peer has
// closed (net/unix/af_unix.c, unix_release_sock): a connection keeps a
// reference to the dead socket, which has no inode, and is shut down in both
// directions. A peer without inode that waits to be accepted is not shut down.
func (a *unixAttrs) peerGone(s *socket.Socket) bool {
	if s.State != socket.Established || a.peer != 0 {
		return false
	}
	if s.Type == socket.Dgram {
		return a.hasPeer
	}
	return a.shutdown == 3
}

// unixPath is the address as ss(8) writes it: an abstract name, which starts
// with a NUL, starts with @. It keeps all other bytes as they are.
func unixPath(name []byte) string {
	if len(name) > 0 && name[0] == 0 {
		return "@" + string(name[1:])
	}
	path, _, _ := bytes.Cut(name, []byte{0})
	return string(path)
}
