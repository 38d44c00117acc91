package socket

import (
	"cmp"
	"slices"
)

// Sort puts sockets into a total order that does not depend on how they were
// collected, so that two looks can be compared line by line: by family,
// protocol, state, local and remote address, then inode and cookie.
func Sort(list []*Socket) {
	slices.SortFunc(list, func(a, b *Socket) int {
		return cmp.Or(
			cmp.Compare(a.Family, b.Family),
			cmp.Compare(a.Protocol, b.Protocol),
			cmp.Compare(a.State, b.State),
			a.Local.Compare(b.Local),
			a.Remote.Compare(b.Remote),
			cmp.Compare(a.Inode, b.Inode),
			cmp.Compare(a.Cookie, b.Cookie),
		)
	})
}
