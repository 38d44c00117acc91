package radix

import (
	"math/rand/v2"
	"slices"
	"testing"
)

type element struct {
	key uint64
	at  int
}

func keyOf(e *element) uint64 { return e.key }
func lowOf(e *element) uint64 { return e.key & 7 }

// check sorts a copy of the keys and compares it with a sort by comparison.
func check(t *testing.T, keys []uint64) {
	t.Helper()
	list := make([]element, len(keys))
	for i, k := range keys {
		list[i] = element{k, i}
	}
	for _, by := range [][]func(*element) uint64{{keyOf}, {lowOf, keyOf}, {keyOf, lowOf}} {
		got, want := slices.Clone(list), slices.Clone(list)
		slices.SortStableFunc(want, func(a, b element) int { return compare(&a, &b, by) })
		Sort(got, by...)
		if !slices.Equal(got, want) {
			t.Errorf("%d keys: not as by comparison", len(keys))
		}
	}
}

func TestSort(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, short, short + 1, 1000, 5000} {
		for _, bits := range []int{0, 1, 8, 9, 40, 64} {
			keys := make([]uint64, n)
			for i := range keys {
				keys[i] = r.Uint64() >> (64 - bits) << (r.IntN(2) * (64 - bits))
			}
			check(t, keys)
			slices.Sort(keys)
			check(t, keys)
			slices.Reverse(keys)
			check(t, keys)
		}
	}
}

func FuzzSort(f *testing.F) {
	f.Add(uint64(1), uint64(2), uint16(300), uint64(0xff00ff))
	f.Fuzz(func(t *testing.T, a, b uint64, n uint16, mask uint64) {
		r := rand.New(rand.NewPCG(a, b))
		keys := make([]uint64, n%4096)
		for i := range keys {
			keys[i] = r.Uint64() & mask
		}
		check(t, keys)
	})
}
