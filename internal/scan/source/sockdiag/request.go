//go:build linux

package sockdiag

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// The message types of requests, which the rows of the answer repeat.
const (
	byFamily = 20 // SOCK_DIAG_BY_FAMILY, include/uapi/linux/sock_diag.h
	// tcpdiagGetsock is TCPDIAG_GETSOCK of include/uapi/linux/inet_diag.h,
	// the request of old: it knows no family, so that the kernel walks the
	// table of IPv4 and IPv6 sockets once instead of twice.
	tcpdiagGetsock = 18
)

// Sizes of include/uapi/linux/inet_diag.h.
const (
	sizeofInetDiagSockID = 48
	sizeofInetDiagReq    = 4 + sizeofInetDiagSockID + 4 + 4 // struct inet_diag_req, the request of old
	sizeofInetDiagReqV2  = 4 + 4 + sizeofInetDiagSockID     // struct inet_diag_req_v2
)

const (
	extInfo = 1 << (inetDiagInfo - 1) // bit of idiag_ext that asks for INET_DIAG_INFO

	inetDiagReqBytecode = 1 // INET_DIAG_REQ_BYTECODE
	inetDiagReqProtocol = 3 // INET_DIAG_REQ_PROTOCOL, Linux 5.9+
)

// newRequest returns a message with room for a body of the given size and its
// capacity for attributes; its length is written by seal.
func newRequest(kind, flags uint16, body int) []byte {
	b := make([]byte, unix.SizeofNlMsghdr+body, unix.SizeofNlMsghdr+body+64)
	binary.NativeEndian.PutUint16(b[4:], kind)
	binary.NativeEndian.PutUint16(b[6:], flags|unix.NLM_F_REQUEST)
	return b
}

// newDump returns the request to dump an address family, and its body, which
// starts with the family.
func newDump(family socket.Family, size int) (request, body []byte) {
	request = newRequest(byFamily, unix.NLM_F_DUMP, size)
	body = request[unix.SizeofNlMsghdr:]
	body[0] = byte(family)
	return request, body
}

// seal writes the length of the finished message into its header.
func seal(b []byte) []byte {
	binary.NativeEndian.PutUint32(b, uint32(len(b)))
	return b
}

// appendAttr appends an attribute; the value's length is a multiple of four.
func appendAttr(b []byte, kind uint16, value []byte) []byte {
	b = binary.NativeEndian.AppendUint16(b, uint16(unix.SizeofNlAttr+len(value)))
	b = binary.NativeEndian.AppendUint16(b, kind)
	return append(b, value...)
}

// inetRequest is a dump of one address family and protocol.
func inetRequest(family socket.Family, protocol socket.Protocol, ext uint8, states socket.States, bytecode []byte) []byte {
	b, body := newDump(family, sizeofInetDiagReqV2)
	if protocol <= 0xff {
		// Kernels before 5.9 ignore the attribute below. With 0 here they
		// know no such protocol, rather than dump that of the lower 8 bits.
		body[1] = byte(protocol)
	}
	body[2] = ext
	binary.NativeEndian.PutUint32(body[4:], uint32(states))
	if protocol > 0xff {
		b = appendAttr(b, inetDiagReqProtocol, binary.NativeEndian.AppendUint32(nil, uint32(protocol)))
	}
	if len(bytecode) > 0 {
		b = appendAttr(b, inetDiagReqBytecode, bytecode)
	}
	return seal(b)
}

// tcpRequest is a dump of the TCP sockets of both address families.
func tcpRequest(ext uint8, states socket.States, bytecode []byte) []byte {
	b := newRequest(tcpdiagGetsock, unix.NLM_F_DUMP, sizeofInetDiagReq)
	body := b[unix.SizeofNlMsghdr:]
	body[0] = unix.AF_INET // ignored
	body[3] = ext
	binary.NativeEndian.PutUint32(body[4+sizeofInetDiagSockID:], uint32(states))
	if len(bytecode) > 0 {
		b = appendAttr(b, inetDiagReqBytecode, bytecode)
	}
	return seal(b)
}
