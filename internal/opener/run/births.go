//go:build linux

package run

import (
	"hash/maphash"
	"slices"

	"github.com/sockleak/sockleak/internal/socket"
)

// generation is how many births are kept at least: with 20,000 sockets a second
// those of three seconds, of which each snapshot takes up those that are still
// open.
const generation = 1 << 16

// births are the origins of sockets by their inode, which sockfs gives out anew
// only after four thousand million others. That of a socket which is closed is
// not told: what no snapshot has asked for in a whole generation is forgotten.
type births struct {
	young, old map[uint64]*socket.Origin
	seed       maphash.Seed
	stacks     map[uint64][]socket.Frame // by hash
}

func newBirths() births {
	return births{young: map[uint64]*socket.Origin{}, seed: maphash.MakeSeed(), stacks: map[uint64][]socket.Frame{}}
}

// mostStacks bounds how many different stacks are shared by births.
const mostStacks = 1 << 12

// share returns the same frames, in the memory of an equal stack where there is
// one: most sockets are opened in few places.
func (b *births) share(frames []socket.Frame) []socket.Frame {
	var h maphash.Hash
	h.SetSeed(b.seed)
	for i := range frames {
		h.WriteString(frames[i].Function)
		maphash.WriteComparable(&h, frames[i].Line)
	}
	key := h.Sum64()
	if known, ok := b.stacks[key]; ok && slices.Equal(known, frames) {
		return known
	}
	if len(b.stacks) >= mostStacks {
		clear(b.stacks)
	}
	b.stacks[key] = frames
	return frames
}

func (b *births) add(inode uint64, o *socket.Origin) {
	if len(b.young) >= generation {
		b.old, b.young = b.young, make(map[uint64]*socket.Origin, generation)
	}
	b.young[inode] = o
}

// origin returns that of a socket, or nil.
func (b *births) origin(inode uint64) *socket.Origin {
	if o := b.young[inode]; o != nil {
		return o
	}
	o := b.old[inode]
	if o != nil {
		b.add(inode, o)
	}
	return o
}
