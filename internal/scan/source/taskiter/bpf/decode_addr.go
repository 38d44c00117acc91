//go:build linux

package bpf

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"github.com/sockleak/sockleak/internal/socket"
)

func decodeAddrs(r *record, s *socket.Socket) {
	s.Facts |= socket.HasAddrs
	port := hostOrder(r.dport)
	local, remote := r.addr(&r.local), r.addr(&r.remote)
	if r.num != 0 || !local.IsUnspecified() {
		s.Local = netip.AddrPortFrom(local, r.num)
	}
	if port != 0 || !remote.IsUnspecified() {
		s.Remote = netip.AddrPortFrom(remote, port)
	}
}

func (r *record) addr(b *[16]byte) netip.Addr {
	if socket.Family(r.family) == socket.IPv4 {
		return netip.AddrFrom4([4]byte(b[:4]))
	}
	return netip.AddrFrom16(*b).Unmap()
}

// decodeClosed clears what tcp_disconnect leaves behind without a meaning. A
// connection that is over has given its port back (inet_num), and still
// remembers it (inet_sport).
func decodeClosed(r *record, s *socket.Socket) {
	switch s.Presence {
	case socket.Bound:
		s.State = socket.BoundInactive // as sock_diag(7) calls it since 6.8
		s.RecvQ, s.SendQ, s.Remote = 0, 0, netip.AddrPort{}
	case socket.Unattached, socket.ConnectFailed:
		s.RecvQ, s.SendQ, s.Remote = 0, 0, netip.AddrPort{}
	case socket.Reset, socket.Finished:
		s.Local = netip.AddrPortFrom(s.Local.Addr(), hostOrder(r.tcp.sport))
	}
}

// hostOrder turns a port in network byte order around.
func hostOrder(port uint16) uint16 {
	return binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(&port))[:])
}
