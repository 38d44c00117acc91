package scan

import (
	"unsafe"

	"github.com/sockleak/sockleak/internal/socket"
)

// blocks hands out sockets, and lists of holders, many of which are allocated
// at a time.
type blocks struct {
	sockets []socket.Socket
	holders []socket.Holder
	size    int // of the newest block
}

// firstBlock is how many sockets are allocated at once for a look at a few.
const firstBlock = 31

// blockSize is how many are once there are many: large enough that 200,000
// sockets cost few allocations, and as many as fit into 64 KiB, for the
// allocator rounds up to pages.
const blockSize = (64 << 10) / int(unsafe.Sizeof(socket.Socket{}))

// socket returns an empty socket.
func (b *blocks) socket() *socket.Socket {
	if len(b.sockets) == 0 {
		b.size = min(max(2*b.size, firstBlock), blockSize)
		b.sockets = make([]socket.Socket, b.size)
	}
	s := &b.sockets[0]
	b.sockets = b.sockets[1:]
	return s
}

// oneHolder returns an empty list with room for one holder: most sockets have
// exactly one.
func (b *blocks) oneHolder() []socket.Holder {
	if len(b.holders) == 0 {
		b.holders = make([]socket.Holder, max(b.size, firstBlock))
	}
	list := b.holders[0:0:1]
	b.holders = b.holders[1:]
	return list
}
