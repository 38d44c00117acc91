package native

import (
	"encoding/binary"

	"github.com/sockleak/sockleak/internal/memory"
)

// cursor reads a part of .eh_frame (LSB, "Exception Frames"; DWARF 5, 6.4).
type cursor struct {
	data []byte
	base uint64 // address in the process of data[0]
	i    int
	bad  bool
}

func (c *cursor) bytes(n int) []byte {
	if n < 0 || n > len(c.data)-c.i {
		c.bad = true
		return make([]byte, min(max(n, 0), 8))
	}
	c.i += n
	return c.data[c.i-n : c.i]
}

func (c *cursor) byte() byte     { return c.bytes(1)[0] }
func (c *cursor) uint32() uint32 { return binary.LittleEndian.Uint32(c.bytes(4)) }

// number reads a ULEB128.
func (c *cursor) number() (value uint64) {
	for shift := 0; shift < 64; shift += 7 {
		b := c.byte()
		value |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return value
		}
	}
	c.bad = true
	return 0
}

// signed reads an SLEB128.
func (c *cursor) signed() (value int64) {
	for shift := 0; shift < 64; shift += 7 {
		b := c.byte()
		value |= int64(b&0x7f) << shift
		if b < 0x80 {
			if b&0x40 != 0 && shift < 57 {
				value |= -1 << (shift + 7)
			}
			return value
		}
	}
	c.bad = true
	return 0
}

// Pointer encodings (LSB, "DWARF Exception Header Encoding").
const (
	pcRelative   = 0x10
	dataRelative = 0x30
	omitted      = 0xff
)

// pointer reads an address in one of the encodings that compilers use; data is
// what dataRelative counts from.
func (c *cursor) pointer(encoding byte, data uint64) uint64 {
	at := c.base + uint64(c.i)
	var value uint64
	switch encoding & 0x0f {
	case 0x00, 0x04, 0x0c: // absolute, udata8, sdata8
		value = binary.LittleEndian.Uint64(c.bytes(8))
	case 0x03: // udata4
		value = uint64(c.uint32())
	case 0x0b: // sdata4
		value = uint64(int64(int32(c.uint32())))
	default:
		c.bad = true
	}
	switch encoding & 0x70 {
	case 0:
	case pcRelative:
		value += at
	case dataRelative:
		value += data
	default:
		c.bad = true
	}
	return value
}

// entry is a CIE or FDE with its place.
func entry(mem memory.Words, at uint64) (c cursor, ok bool) {
	const most = 1 << 16
	length, ok := mem.Uint32(at)
	if !ok || length < 4 || length > most { // 0xffffffff announces 64 bits, which nobody uses here
		return c, false
	}
	data, ok := mem.Bytes(at+4, uint64(length), most)
	return cursor{data: data, base: at + 4}, ok
}

// common is a CIE: what many functions share.
type common struct {
	codeAlign uint64
	dataAlign int64
	returns   uint64 // column of the return address
	encoding  byte   // of the pointers of the FDEs
	augmented bool
	signal    bool // a signal frame
	program   cursor
}

func readCommon(mem memory.Words, at uint64) (cie common, ok bool) {
	c, ok := entry(mem, at)
	if !ok || c.uint32() != 0 {
		return cie, false
	}
	version := c.byte()
	var augmentation []byte
	for b := c.byte(); b != 0 && !c.bad; b = c.byte() {
		augmentation = append(augmentation, b)
	}
	cie.codeAlign, cie.dataAlign = c.number(), c.signed()
	if cie.returns = uint64(c.byteOrNumber(version)); version != 1 && version != 3 {
		return cie, false
	}
	if len(augmentation) > 0 {
		if augmentation[0] != 'z' {
			return cie, false
		}
		cie.augmented = true
		end := int(min(c.number(), 1<<16)) + c.i
		for _, letter := range augmentation[1:] {
			switch letter {
			case 'R':
				cie.encoding = c.byte()
			case 'P':
				c.pointer(c.byte(), 0)
			case 'L':
				c.byte()
			case 'S':
				cie.signal = true
			case 'B': // arm64, pointer authentication: return addresses are signed
				return cie, false
			}
		}
		if c.bad || end > len(c.data) {
			return cie, false
		}
		c.i = end
	}
	cie.program = c
	return cie, !c.bad && cie.returns < registers
}

func (c *cursor) byteOrNumber(version byte) uint64 {
	if version == 1 {
		return uint64(c.byte())
	}
	return c.number()
}
