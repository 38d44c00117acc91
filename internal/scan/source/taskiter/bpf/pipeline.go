//go:build linux

package bpf

import (
	"context"
	"sync"

	"github.com/sockleak/sockleak/internal/socket"
)

// Pipelined says whether the next walks read in a goroutine of their own, while
// what was read before is decoded: worth its while for thousands of
// descriptors, if there is a processor for it.
func (w *Walker) Pipelined(yes bool) { w.pipelined = yes }

// A piece is many of the kernel's buffers: who waits for one has to be woken.
const (
	pieceSize  = 4 * bufferSize
	pieceCount = 3
)

// piece is a part of what the iterator gives. There is room in front for the
// rest of the piece before: a record may go on in the next.
type piece struct {
	data []byte
	n    int  // bytes read, behind the room
	end  bool // nothing comes after it
	err  error
}

const room = int(recordSize)

// readPipelined reads in another goroutine, and delivers in this one.
func (w *Walker) readPipelined(ctx context.Context, iter int, yield func(Descriptor, *socket.Socket) error) error {
	ctx, stop := context.WithCancel(ctx)
	free, full := make(chan piece, pieceCount), make(chan piece, pieceCount)
	var reader sync.WaitGroup
	reader.Go(func() { readPieces(ctx, iter, free, full) })
	defer reader.Wait() // the iterator is closed by who has opened it
	defer stop()
	defer close(free)
	for len(w.pieces) < pieceCount {
		w.pieces = append(w.pieces, make([]byte, pieceSize))
	}
	for _, data := range w.pieces {
		free <- piece{data: data}
	}
	for rest := []byte(nil); ; {
		p := <-full
		if p.err != nil {
			return p.err
		}
		from := room - len(rest)
		copy(p.data[from:], rest)
		used, err := w.deliver(p.data[from:room+p.n], yield)
		if err != nil {
			return err
		}
		rest = append(rest[:0], p.data[from+used:room+p.n]...)
		if p.end {
			return whole(len(rest))
		}
		free <- p
	}
}

// readPieces fills free pieces until the end or an error, which is in the last.
func readPieces(ctx context.Context, iter int, free <-chan piece, full chan<- piece) {
	for p := range free {
		p.n = 0
		for !p.end && p.err == nil && room+p.n+bufferSize <= len(p.data) {
			var n int
			n, p.err = readSome(ctx, iter, p.data[room+p.n:])
			p.n += n
			p.end = n == 0
		}
		full <- p
		if p.end {
			return
		}
	}
}
