//go:build linux

package sockdiag

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// message is one netlink message (struct nlmsghdr, include/uapi/linux/netlink.h).
type message struct {
	kind  uint16
	flags uint16
	seq   uint32
	port  uint32
	body  []byte
}

// cutMessage takes the first message off a datagram.
func cutMessage(b []byte) (m message, rest []byte, err error) {
	if len(b) < unix.SizeofNlMsghdr {
		return m, nil, malformed("%d bytes where a netlink header needs %d", len(b), unix.SizeofNlMsghdr)
	}
	size := uint64(binary.NativeEndian.Uint32(b))
	if size < unix.SizeofNlMsghdr || size > uint64(len(b)) {
		return m, nil, malformed("netlink message of %d bytes in %d", size, len(b))
	}
	m = message{
		kind:  binary.NativeEndian.Uint16(b[4:]),
		flags: binary.NativeEndian.Uint16(b[6:]),
		seq:   binary.NativeEndian.Uint32(b[8:]),
		port:  binary.NativeEndian.Uint32(b[12:]),
		body:  b[unix.SizeofNlMsghdr:size],
	}
	return m, b[min(align(int(size)), len(b)):], nil
}

// errno is the error number with which the kernel ends a request: that of an
// NLMSG_ERROR, or of the NLMSG_DONE of a dump that failed on its way.
func (m *message) errno() (unix.Errno, error) {
	if len(m.body) < 4 {
		return 0, malformed("end of the answer without its status")
	}
	status := int32(binary.NativeEndian.Uint32(m.body))
	if status >= 0 {
		return 0, nil
	}
	return unix.Errno(-int64(status)), nil
}

// checkHeader checks that a row is long enough for its struct, which is of the
// given name and size and starts with the address family.
func checkHeader(b []byte, name string, size int, family socket.Family) error {
	if len(b) < size {
		return malformed("%s of %d bytes", name, len(b))
	}
	if socket.Family(b[0]) != family {
		return malformed("%s of address family %d", name, b[0])
	}
	return nil
}

// nlaTypeMask takes NLA_F_NESTED and NLA_F_NET_BYTEORDER off an attribute's type.
const nlaTypeMask = 0x3fff

// cutAttr takes the first attribute (struct nlattr) off a message's tail.
func cutAttr(b []byte) (kind uint16, value, rest []byte, err error) {
	if len(b) < unix.SizeofNlAttr {
		return 0, nil, nil, malformed("%d bytes where an attribute needs %d", len(b), unix.SizeofNlAttr)
	}
	size := int(binary.NativeEndian.Uint16(b))
	if size < unix.SizeofNlAttr || size > len(b) {
		return 0, nil, nil, malformed("attribute of %d bytes in %d", size, len(b))
	}
	kind = binary.NativeEndian.Uint16(b[2:]) & nlaTypeMask
	return kind, b[unix.SizeofNlAttr:size], b[min(align(size), len(b)):], nil
}

// align rounds up to NLMSG_ALIGNTO, which NLA_ALIGNTO equals.
func align(n int) int { return (n + 3) &^ 3 }
