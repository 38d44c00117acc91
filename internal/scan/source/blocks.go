package source

import (
	"iter"
	"unsafe"

	"github.com/sockleak/sockleak/internal/socket"
)

// Blocks hands out sockets, and lists of holders, many of which are allocated
// at a time. It knows all that it has handed out. The zero value has none.
type Blocks struct {
	full    [][]socket.Socket
	newest  []socket.Socket
	holders []socket.Holder
	items   []socket.EpollItem
	count   int // handed out
}

// Count returns how many sockets were handed out.
func (b *Blocks) Count() int { return b.count }

// firstBlock is how many sockets are allocated at once for a look at a few.
const firstBlock = 32

// blockSize is how many are once there are many: large enough that 200,000
// sockets cost few allocations, and as many as fit into 64 KiB, for the
// allocator rounds up to pages.
const blockSize = (64 << 10) / int(unsafe.Sizeof(socket.Socket{}))

// Socket returns an empty socket.
func (b *Blocks) Socket() *socket.Socket {
	n := len(b.newest)
	if n == cap(b.newest) {
		if n > 0 {
			b.full = append(b.full, b.newest)
		}
		b.newest, n = make([]socket.Socket, 0, min(max(2*n, firstBlock), blockSize)), 0
	}
	b.newest = b.newest[:n+1]
	b.count++
	return &b.newest[n]
}

// All yields the sockets in the order in which they were handed out.
func (b *Blocks) All() iter.Seq[*socket.Socket] {
	return func(yield func(*socket.Socket) bool) {
		for _, block := range append(b.full, b.newest) {
			for i := range block {
				if !yield(&block[i]) {
					return
				}
			}
		}
	}
}

// EpollItems returns an empty list with room for n registrations in epoll sets.
func (b *Blocks) EpollItems(n int) []socket.EpollItem {
	if len(b.items) < n {
		b.items = make([]socket.EpollItem, max(cap(b.newest), firstBlock, n))
	}
	list := b.items[0:0:n]
	b.items = b.items[n:]
	return list
}

// OneHolder returns an empty list with room for one holder: most sockets have
// exactly one.
func (b *Blocks) OneHolder() []socket.Holder {
	if len(b.holders) == 0 {
		b.holders = make([]socket.Holder, max(cap(b.newest), firstBlock))
	}
	list := b.holders[0:0:1]
	b.holders = b.holders[1:]
	return list
}
