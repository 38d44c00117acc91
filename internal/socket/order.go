package socket

import (
	"cmp"
	"slices"
)

// Sort puts sockets into a total order that does not depend on how they were
// collected, so that two looks can be compared line by line: by family,
// protocol, state, local and remote address, then inode and cookie.
func Sort(list []*Socket) { slices.SortFunc(list, compare) }

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
