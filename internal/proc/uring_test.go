//go:build linux

package proc

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// memoryOf is a file with the bytes, which is read as memory is.
func memoryOf(t *testing.T, text []byte) file {
	t.Helper()
	fd, err := unix.MemfdCreate("memory", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if _, err := unix.Pwrite(fd, text, 0); err != nil {
		t.Fatal(err)
	}
	return file(fd)
}

// rings makes the memory of a ring with room for two requests, of which three
// were submitted, in one of the layouts of the kernels.
func rings(l ringLayout) (text []byte, r ring) {
	const requests = 2
	text = make([]byte, 2*pageBytes)
	put := func(at int, v uint32) { binary.NativeEndian.PutUint32(text[at:], v) }
	put(l.sqHead, 3)
	put(l.cqTail, 1)
	put(l.sqMask, requests-1)
	put(l.sqMask+4, 2*requests-1)
	put(l.sqCount, requests)
	put(l.sqCount+4, 2*requests)
	put(int(l.answers), 7) // the first was answered, whose place the third has
	for i, number := range []uint32{8, 9} {
		at := pageBytes + (i+2)%requests*requestSize
		text[at] = 27 // IORING_OP_RECV
		put(at+4, 10+number)
		put(at+32, number)
	}
	return text, ring{rings: span{0, pageBytes}, entries: span{pageBytes, 2 * pageBytes}}
}

func TestRingLayouts(t *testing.T) {
	for i, l := range ringLayouts() {
		text, r := rings(l)
		fds, err := r.pending(memoryOf(t, text))
		if err != nil || !slices.Equal(fds, []int32{18, 19}) && !slices.Equal(fds, []int32{19, 18}) {
			t.Errorf("layout %d: %v, %v; want 18 and 19", i, fds, err)
		}
		binary.NativeEndian.PutUint32(text[l.sqMask:], 5)
		if fds, err := r.pending(memoryOf(t, text)); err == nil {
			t.Errorf("layout %d: numbers that do not fit together give %v", i, fds)
		}
	}
}

// FuzzRing reads rings of any bytes.
func FuzzRing(f *testing.F) {
	for _, l := range ringLayouts() {
		text, _ := rings(l)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) < 2 {
			return
		}
		half := uint64(len(text) / 2)
		r := ring{rings: span{0, half}, entries: span{half, 2 * half}}
		fds, err := r.pending(memoryOf(t, bytes.Clone(text)))
		if err == nil && len(fds) > mostRequests {
			t.Errorf("%d descriptors", len(fds))
		}
	})
}
