package live

import (
	"cmp"
	"maps"
	"slices"
)

// sortedPlaces puts places into a total order.
func sortedPlaces(m map[place]string) []place {
	return slices.SortedFunc(maps.Keys(m), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.process.PID, b.process.PID), cmp.Compare(a.process.Start, b.process.Start),
			cmp.Compare(a.rule, b.rule), a.local.Compare(b.local), a.remote.Compare(b.remote), cmp.Compare(a.proto, b.proto))
	})
}
