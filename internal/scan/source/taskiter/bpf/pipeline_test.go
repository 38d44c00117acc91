//go:build linux

package bpf

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sockleak/sockleak/internal/socket"
)

// manyKinds makes sockets with other descriptors between them, closed ones
// too: what is fetched ahead may be of any kind or none.
func manyKinds(t *testing.T, n int) {
	t.Helper()
	raiseLimit(t, 8*n+200)
	null, err := os.Open(os.DevNull)
	must(t, err)
	t.Cleanup(func() { null.Close() })
	for i := range n {
		pair(t)
		own(t, unix.AF_UNIX, unix.SOCK_STREAM, 0)
		own(t, unix.AF_INET, unix.SOCK_DGRAM, 0)
		stream(t)
		for range i % 3 {
			fd, err := unix.Dup(int(null.Fd()))
			must(t, err)
			if i%2 == 0 {
				unix.Close(fd)
			} else {
				t.Cleanup(func() { unix.Close(fd) })
			}
		}
	}
}

func TestPipelinedSeesTheSame(t *testing.T) {
	p := open(t, Options{})
	manyKinds(t, 1200) // some pieces full
	have := func(pipelined bool) []uint64 {
		var list []uint64
		w := p.Walker()
		w.Pipelined(pipelined)
		for range 2 { // the walker's memory is used again
			list = list[:0]
			must(t, w.Walk(context.Background(), os.Getpid(), func(d Descriptor, s *socket.Socket) error {
				list = append(list, uint64(d.FD)<<32|s.Inode)
				return nil
			}))
		}
		return list
	}
	alone, pipelined := have(false), have(true)
	if len(alone) < 5*1200 || !slices.Equal(alone, pipelined) {
		t.Errorf("%d descriptors alone, %d pipelined", len(alone), len(pipelined))
	}
}

func TestPipelinedStops(t *testing.T) {
	p := open(t, Options{})
	manyKinds(t, 1200)
	w := p.Walker()
	w.Pipelined(true)
	calls, stop := 0, errors.New("stop")
	err := w.Walk(context.Background(), os.Getpid(), func(Descriptor, *socket.Socket) error {
		if calls++; calls == 2500 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || calls != 2500 {
		t.Errorf("got %v after %d calls", err, calls)
	}
	ctx, cancel := context.WithCancel(context.Background())
	calls = 0
	err = w.Walk(ctx, os.Getpid(), func(Descriptor, *socket.Socket) error {
		calls++
		cancel()
		return nil
	})
	if err != nil && !errors.Is(err, context.Canceled) || calls == 0 {
		t.Errorf("got %v after %d calls", err, calls)
	}
}

// TestPieces reads records that come in pieces of any size.
func TestPieces(t *testing.T) {
	p := open(t, Options{})
	pair(t)
	records := recorded(t, p)
	for _, cut := range []int{0, 1, int(headSize), len(records) / 2, len(records) - 1} {
		w := p.Walker()
		count := func(data []byte) (n int, err error) {
			r, wr, err := os.Pipe()
			must(t, err)
			defer r.Close()
			go func() {
				defer wr.Close()
				wr.Write(data[:min(cut, len(data))])
				wr.Write(data[min(cut, len(data)):])
			}()
			w.start()
			err = w.readPipelined(context.Background(), int(r.Fd()), func(Descriptor, *socket.Socket) error { n++; return nil })
			return n, err
		}
		if n, err := count(slices.Repeat(records, 4000)); err != nil || n < 8000 {
			t.Errorf("cut at %d: %d records, %v", cut, n, err)
		}
		if _, err := count(records[:len(records)-1]); err == nil {
			t.Errorf("cut at %d: half a record at the end is no error", cut)
		}
		if _, err := count(make([]byte, 2*recordSize)); err == nil {
			t.Errorf("cut at %d: what is no record is no error", cut)
		}
	}
}

// recorded returns what the kernel gives of this process.
func recorded(t *testing.T, p *Program) []byte {
	t.Helper()
	iter, err := p.iterate(os.Getpid())
	must(t, err)
	defer unix.Close(iter)
	b := make([]byte, bufferSize)
	n, err := readSome(context.Background(), iter, b)
	must(t, err)
	return b[:n]
}
