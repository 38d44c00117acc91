package socket

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
)

// TestSortKeys sorts sockets of every kind of address, whose fields differ
// seldom: the keys must never contradict the fields.
func TestSortKeys(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	addrs := []netip.AddrPort{{}, netip.MustParseAddrPort("0.0.0.0:0"), netip.MustParseAddrPort("10.0.0.1:1"),
		netip.MustParseAddrPort("10.0.0.1:2"), netip.MustParseAddrPort("10.0.0.1:3"), netip.MustParseAddrPort("10.0.0.1:65535"),
		netip.MustParseAddrPort("255.255.255.255:65535"), netip.MustParseAddrPort("[::]:0"), netip.MustParseAddrPort("[2001:db8::1]:7"),
		netip.MustParseAddrPort("[fe80::1%lo]:7"), netip.MustParseAddrPort("[::ffff:10.0.0.1]:7")}
	var list []*Socket
	for range 20_000 {
		list = append(list, &Socket{
			Family:   []Family{Unspec, IPv4, IPv6, XDP, 62, 63, 64, 65535}[r.IntN(8)],
			Protocol: []Protocol{0, TCP, UDP, MPTCP, 510, 511, 512, 65535}[r.IntN(8)],
			State:    []State{StateUnknown, Established, Close, 255}[r.IntN(4)],
			Local:    addrs[r.IntN(len(addrs))], Remote: addrs[r.IntN(len(addrs))],
			Inode: r.Uint64N(3), Cookie: r.Uint64N(3),
		})
	}
	Sort(list)
	if !slices.IsSortedFunc(list, compare) {
		t.Error("the order is not that of the fields")
	}
}
