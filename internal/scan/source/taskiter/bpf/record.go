//go:build linux

package bpf

import "unsafe"

// kind says what a record is (enum kind, record.h).
type kind uint32

const (
	plain     kind = iota // sockHead, and nothing more
	tcpKind               // sockHead, tcpPart
	mptcpKind             // sockHead, the first subflow's tcpPart, mptcpPart
	unixKind              // sockHead, unixPart
	descriptorKind
	epollKind
)

// size returns the length of a record of the kind, 0 of an unknown one.
func (k kind) size() uintptr {
	switch k {
	case plain:
		return headSize
	case tcpKind:
		return tcpSize
	case mptcpKind:
		return mptcpSize
	case unixKind:
		return unixSize
	case descriptorKind:
		return unsafe.Sizeof(descriptor{})
	case epollKind:
		return unsafe.Sizeof(epollItem{})
	}
	return 0
}

const (
	headSize   = unsafe.Sizeof(sockHead{})
	tcpSize    = headSize + unsafe.Sizeof(tcpPart{})
	mptcpSize  = tcpSize + unsafe.Sizeof(mptcpPart{})
	unixSize   = headSize + unsafe.Sizeof(unixPart{})
	recordSize = max(mptcpSize, unixSize)

	unixPathMax = len(unixPart{}.path) // UNIX_PATH_MAX, include/uapi/linux/un.h
)

// record has one record of each kind: the descriptor that is walked over, and
// what came last of it. Parts that the kind of a sockHead lacks are stale.
type record struct {
	descriptor descriptor
	item       epollItem

	sockHead
	tcp   tcpPart
	mptcp mptcpPart
	unix  unixPart
}

// prefix is what every record begins with.
type prefix struct {
	length uint32
	kind   kind
}

// read takes the record at the start of b and returns its kind and length, or
// length 0 when b ends before it does. It reports false when b holds no record.
func (r *record) read(b []byte) (kind, int, bool) {
	var p prefix
	if uintptr(len(b)) < unsafe.Sizeof(p) {
		return 0, 0, true
	}
	fill(&p, b)
	size := p.kind.size()
	if size == 0 || uintptr(p.length) != size {
		return 0, 0, false
	}
	if uintptr(len(b)) < size {
		return 0, 0, true
	}
	switch p.kind {
	case descriptorKind:
		fill(&r.descriptor, b)
	case epollKind:
		fill(&r.item, b)
	default:
		r.readSock(p.kind, b)
	}
	return p.kind, int(size), true
}

func (r *record) readSock(kind kind, b []byte) {
	fill(&r.sockHead, b)
	switch kind {
	case tcpKind:
		fill(&r.tcp, b[headSize:])
	case mptcpKind:
		fill(&r.tcp, b[headSize:])
		fill(&r.mptcp, b[tcpSize:])
	case unixKind:
		fill(&r.unix, b[headSize:])
	}
}

// fill copies the first bytes of b into a part. Parts are plain numbers, so
// any bytes make a valid one; b is at least as long as the part.
func fill[T prefix | descriptor | epollItem | sockHead | tcpPart | mptcpPart | unixPart](part *T, b []byte) {
	size := unsafe.Sizeof(*part)
	copy(unsafe.Slice((*byte)(unsafe.Pointer(part)), size), b[:size])
}
