//go:build linux

package run

import "github.com/sockleak/sockleak/internal/socket"

// generation is how many births are kept at least: with 20,000 sockets a second
// those of three seconds, of which each snapshot takes up those that are still
// open.
const generation = 1 << 16

// births are the origins of sockets by their inode, which sockfs gives out anew
// only after four thousand million others. That of a socket which is closed is
// not told: what no snapshot has asked for in a whole generation is forgotten.
type births struct{ young, old map[uint64]*socket.Origin }

func newBirths() births { return births{young: map[uint64]*socket.Origin{}} }

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
