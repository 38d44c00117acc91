package leak

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/sockleak/sockleak/internal/socket"
)

// countPeers counts sockets by remote address. Addresses whose ports are all
// different (clients of a server) are counted by address alone, port 0.
func countPeers(list []*socket.Socket, limit int) (peers []PeerCount, more int) {
	byPort := map[netip.AddrPort]int{}
	byAddr := map[netip.Addr]int{}
	for _, s := range list {
		if s.Remote.IsValid() {
			byPort[s.Remote]++
			byAddr[s.Remote.Addr()]++
		}
	}
	if len(byPort) > len(byAddr) && len(byPort) > limit {
		clear(byPort)
		for a, n := range byAddr {
			byPort[netip.AddrPortFrom(a, 0)] = n
		}
	}
	for a, n := range byPort {
		peers = append(peers, PeerCount{a, n})
	}
	slices.SortFunc(peers, func(a, b PeerCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), a.Addr.Compare(b.Addr))
	})
	if len(peers) > limit {
		more = len(peers) - limit
		peers = peers[:limit]
	}
	return peers, more
}
