//go:build linux

package bpf

import "unsafe"

// kind says which part follows the header of a record.
type kind uint32

const (
	plain kind = iota // the header is all
	tcpKind
	mptcpKind // the first subflow's tcpPart, then mptcpPart
	unixKind
)

// size returns the length of a record of the kind, 0 of an unknown one.
func (k kind) size() uintptr {
	switch k {
	case plain:
		return headerSize
	case tcpKind:
		return tcpSize
	case mptcpKind:
		return mptcpSize
	case unixKind:
		return unixSize
	}
	return 0
}

// header starts every record. The program writes these structs on its stack,
// each field at its offset here, so their layout is the wire format. All
// multiples of eight bytes: the program clears them by words of eight.
type header struct {
	length  uint32
	kind    kind
	tgid    uint32 // in our own pid namespace
	fd      int32
	waiters uint32 // 1 when something sleeps or polls on the socket
	tid     uint32
	files   uint64 // the descriptor table, as an identity
	epoll   uint64 // file.f_ep: not zero when in an epoll set
	refs    int64  // file.f_count; file.f_ref since 6.13, which counts from zero
	inode   uint64
	listen  uint64 // inode of the listener that has it in its accept queue

	sock
}

// sock is struct sock (include/net/sock.h).
type sock struct {
	cookie     uint64
	flags      uint64 // enum sock_flags, a bit each
	family     uint16
	typ        uint16
	protocol   uint16
	state      uint8
	_          uint8
	num        uint16 // local port
	dport      uint16 // in network byte order
	device     uint32
	uid        uint32
	err        int32
	rmem, wmem uint32
	backlog    uint32 // connections in the accept queue
	maxBacklog uint32
	netns      uint32
	deficit    uint32 // udp_sock.forward_deficit
	local      [16]byte
	remote     [16]byte // IPv4 addresses use the first four bytes
}

// tcpPart is struct tcp_sock (include/linux/tcp.h) and struct
// inet_connection_sock (include/net/inet_connection_sock.h).
type tcpPart struct {
	rcvNxt, copiedSeq uint32
	writeSeq, sndUna  uint32
	pending           uint8
	retransmits       uint8
	probes            uint8
	_                 uint8
	sport             uint16 // in network byte order; kept when num is given back
	_                 uint16
	pushedSeq         uint32
	sent, recv, ack   uint32 // jiffies of the last data sent, data received, ACK received
	expires           uint64 // of the retransmit timer, in jiffies
	keepExpires       uint64
	keepPending       uint64 // timer_list.entry.pprev: not zero when it runs
	jiffies           uint64 // now
	bytesAcked        uint64
	bytesReceived     uint64
	bytesSent         uint64
}

// mptcpPart is struct mptcp_sock (net/mptcp/protocol.h).
type mptcpPart struct {
	writeSeq, sndUna        uint64
	bytesReceived, consumed uint64
}

// unixPart is struct unix_sock (include/net/af_unix.h).
type unixPart struct {
	addrLen   uint32 // 0 when unnamed; includes sun_family
	queued    uint32 // packets in the receive queue
	firstLen  uint32 // bytes in the first of them
	inq       uint32 // bytes in all of them, of a stream
	peer      uint64 // not zero when connected, once at least
	peerInode uint64
	peerFlags uint64 // enum sock_flags
	_         uint16 // puts path where it is in memory, two bytes behind a multiple of eight
	path      [unixPathMax]byte
	_         uint16
}

const unixPathMax = 108 // UNIX_PATH_MAX, include/uapi/linux/un.h

const (
	headerSize = unsafe.Sizeof(header{})
	tcpSize    = headerSize + unsafe.Sizeof(tcpPart{})
	mptcpSize  = tcpSize + unsafe.Sizeof(mptcpPart{})
	unixSize   = headerSize + unsafe.Sizeof(unixPart{})
	recordSize = max(mptcpSize, unixSize)
)

// record is one record, decoded. Parts that its kind lacks are stale.
type record struct {
	header
	tcp   tcpPart
	mptcp mptcpPart
	unix  unixPart
}

// read takes the record at the start of b and returns its length, or 0 when b
// ends before it does. It reports false when b holds no record.
func (r *record) read(b []byte) (int, bool) {
	if uintptr(len(b)) < headerSize {
		return 0, true
	}
	fill(&r.header, b)
	size := r.kind.size()
	if size == 0 || uintptr(r.length) != size {
		return 0, false
	}
	if uintptr(len(b)) < size {
		return 0, true
	}
	switch r.kind {
	case tcpKind:
		fill(&r.tcp, b[headerSize:])
	case mptcpKind:
		fill(&r.tcp, b[headerSize:])
		fill(&r.mptcp, b[tcpSize:])
	case unixKind:
		fill(&r.unix, b[headerSize:])
	}
	return int(size), true
}

// fill copies the first bytes of b into a part. Parts are plain numbers, so
// any bytes make a valid one; b is at least as long as the part.
func fill[T header | tcpPart | mptcpPart | unixPart](part *T, b []byte) {
	size := unsafe.Sizeof(*part)
	copy(unsafe.Slice((*byte)(unsafe.Pointer(part)), size), b[:size])
}
