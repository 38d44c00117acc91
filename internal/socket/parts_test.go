package socket

import (
	"slices"
	"testing"
)

func TestInParts(t *testing.T) {
	for _, n := range []int{0, 1, partShare, 2*partShare + 1, 9 * partShare} {
		list := make([]*Socket, n)
		for i := range list {
			list[i] = &Socket{Inode: uint64(i)}
		}
		parts := InParts(list, func(part []*Socket) []*Socket { return part })
		if got := slices.Concat(parts...); len(parts) == 0 || !slices.Equal(got, list) {
			t.Errorf("%d sockets: %d in %d parts", n, len(got), len(parts))
		}
	}
}
