package leak

import (
	"net/netip"
	"slices"
)

// crowd counts sockets by remote address, in few slots that several addresses
// may share: a count can be too large, never too small. It rules out cheaply
// what is too small to matter, before the rest is sorted by place: on a host
// with 200,000 connections most places have one or two.
type crowd [1 << 16]int32

func (c *crowd) slot(a netip.AddrPort) *int32 {
	h := uint32(a.Port())
	for _, b := range a.Addr().As16() {
		h = h*31 + uint32(b)
	}
	return &c[(h^h>>16)&(1<<16-1)]
}

func (c *crowd) add(a netip.AddrPort, n int) { *c.slot(a) += int32(n) }

// merge adds what another one has counted; both may be nil.
func (c *crowd) merge(other *crowd) {
	if other == nil {
		return
	}
	for i, n := range other {
		c[i] += n
	}
}

// reaches reports whether any count may be as large as n.
func (c *crowd) reaches(n int) bool {
	return slices.ContainsFunc(c[:], func(count int32) bool { return int(count) >= n })
}

// atMost returns an upper bound for what was added for the address.
func (c *crowd) atMost(a netip.AddrPort) int { return int(*c.slot(a)) }
