package track

import "slices"

// keepLargest leaves at most n counts, the largest. Among equals those that are followed already stay;
// those that tie for the last places go, so that the order of a map decides
// nothing.
func keepLargest[K comparable](counts map[K]int, n int, followed func(K) bool) {
	if len(counts) <= n {
		return
	}
	rank := func(k K, count int) int {
		if followed(k) {
			return 2*count + 1
		}
		return 2 * count
	}
	ranks := make([]int, 0, len(counts))
	for k, count := range counts {
		ranks = append(ranks, rank(k, count))
	}
	slices.Sort(ranks)
	least := ranks[len(ranks)-1-max(n, 0)]
	for k, count := range counts {
		if rank(k, count) <= least {
			delete(counts, k)
		}
	}
}
