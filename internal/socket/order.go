package socket

import (
	"cmp"
	"encoding/binary"
	"net/netip"
	"slices"
)

// Sort puts sockets into a total order that does not depend on how they were
// collected, so that two looks can be compared line by line: by family,
// protocol, state, local and remote address, then inode and cookie.
//
// With 200,000 sockets it is too costly to look at both sockets for each
// comparison: the memory of each is far from the other's. Most are told apart
// by two numbers kept side by side.
func Sort(list []*Socket) {
	if slices.IsSortedFunc(list, compare) {
		return
	}
	all := make([]keyedSocket, len(list))
	for i, s := range list {
		all[i] = keyed(s)
	}
	slices.SortFunc(all, compareKeyed)
	for i := range all {
		list[i] = all[i].socket
	}
}

func compareKeyed(a, b keyedSocket) int {
	if a.kind != b.kind {
		return cmp.Compare(a.kind, b.kind)
	}
	if a.path != b.path {
		return cmp.Compare(a.path, b.path)
	}
	return compare(a.socket, b.socket)
}

// keyedSocket is a socket with keys that never contradict compare: where they
// are equal, it decides.
type keyedSocket struct {
	kind, path uint64
	socket     *Socket
}

// keyed returns the socket with its keys. The first is the family, protocol,
// state and the local address where that is of IPv4; others come before (none)
// or after it, as in netip.Addr.Compare. The second is the local port and the
// remote address of such sockets.
func keyed(s *Socket) keyedSocket {
	const maxFamily, maxProtocol = 63, 511 // AF_MAX is 46, IPPROTO_MAX 263: none is larger
	k := keyedSocket{socket: s, kind: uint64(min(s.Family, maxFamily)) << 58}
	if s.Family >= maxFamily {
		return k
	}
	k.kind |= uint64(min(s.Protocol, maxProtocol)) << 49
	if s.Protocol >= maxProtocol {
		return k
	}
	class, addr := key4(s.Local.Addr())
	k.kind |= uint64(s.State)<<41 | class<<39 | addr<<7
	if class == ipv4Class {
		class, addr = key4(s.Remote.Addr())
		k.path = uint64(s.Local.Port())<<48 | class<<46 | addr<<14 | uint64(s.Remote.Port())>>2
	}
	return k
}

const ipv4Class = 1

// key4 is the class and the number of an address, which order IPv4 addresses
// as netip.Addr.Compare does; the number is 0 in the other classes.
func key4(a netip.Addr) (class, number uint64) {
	switch {
	case !a.IsValid():
		return 0, 0
	case a.Is4():
		b := a.As4()
		return ipv4Class, uint64(binary.BigEndian.Uint32(b[:]))
	}
	return ipv4Class + 1, 0
}

// compare looks at one field after the other: with 200,000 sockets it is too
// costly to compare addresses where the states differ.
func compare(a, b *Socket) int {
	if c := cmp.Compare(a.Family, b.Family); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Protocol, b.Protocol); c != 0 {
		return c
	}
	if c := cmp.Compare(a.State, b.State); c != 0 {
		return c
	}
	if c := a.Local.Compare(b.Local); c != 0 {
		return c
	}
	if c := a.Remote.Compare(b.Remote); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(a.Inode, b.Inode), cmp.Compare(a.Cookie, b.Cookie))
}
