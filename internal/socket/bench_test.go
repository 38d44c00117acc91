package socket

import (
	"net/netip"
	"testing"
)

// BenchmarkSort sorts what comes in the order of descriptors.
func BenchmarkSort(b *testing.B) {
	const many = 50_000
	b.ReportAllocs()
	block := make([]Socket, many)
	list := make([]*Socket, many)
	for i := range block {
		block[i] = Socket{Inode: uint64(i + 1), Family: IPv4, Protocol: TCP, State: Established,
			Local: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(i*7919))}
	}
	for b.Loop() {
		for i := range block {
			list[i] = &block[i]
		}
		Sort(list)
	}
}
