package memory

import (
	"bytes"
	"encoding/binary"
	"io"
)

// Words reads numbers and texts of a little-endian program of 64 bits out of
// its memory.
type Words struct{ io.ReaderAt }

// Uint64 reads a word of eight bytes.
func (w Words) Uint64(addr uint64) (uint64, bool) {
	var b [8]byte
	if _, err := w.ReadAt(b[:], int64(addr)); err != nil {
		return 0, false
	}
	return binary.LittleEndian.Uint64(b[:]), true
}

// Uint32 reads a word of four bytes.
func (w Words) Uint32(addr uint64) (uint32, bool) {
	var b [4]byte
	if _, err := w.ReadAt(b[:], int64(addr)); err != nil {
		return 0, false
	}
	return binary.LittleEndian.Uint32(b[:]), true
}

// Bytes reads n bytes, unless they are more than most.
func (w Words) Bytes(addr, n, most uint64) ([]byte, bool) {
	if n > most {
		return nil, false
	}
	b := make([]byte, n)
	if n == 0 {
		return b, true
	}
	_, err := w.ReadAt(b, int64(addr))
	return b, err == nil
}

// CString reads a text that ends with a zero byte, of at most so many bytes.
func (w Words) CString(addr uint64, most int) (string, bool) {
	var text []byte
	var chunk [64]byte
	for len(text) < most {
		// Not across a page: the next one may not be mapped.
		part := chunk[:min(len(chunk), pageSize-int((addr+uint64(len(text)))%pageSize))]
		if _, err := w.ReadAt(part, int64(addr)+int64(len(text))); err != nil {
			return "", false
		}
		if i := bytes.IndexByte(part, 0); i >= 0 {
			return string(append(text, part[:i]...)), len(text)+i <= most
		}
		text = append(text, part...)
	}
	return "", false
}
