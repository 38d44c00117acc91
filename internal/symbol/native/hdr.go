package native

import "github.com/sockleak/sockleak/internal/memory"

// function is an FDE: how one function unwinds.
type function struct {
	common
	begin, end uint64
	program    cursor
}

// Section is where a file has its unwinding tables in the process; Header is
// the address of .eh_frame_hdr, 0 where the linker made none, as in static
// programs. Start and Size are those of .eh_frame.
type Section struct{ Header, Start, Size uint64 }

// scan returns the FDE of a program counter by reading one after the other.
func (s Section) scan(mem memory.Words, pc uint64) (f function, ok bool) {
	const most = 1 << 16
	at := s.Start
	for range most {
		length, ok := mem.Uint32(at)
		if !ok || length == 0 || at >= s.Start+s.Size {
			break
		}
		if back, ok := mem.Uint32(at + 4); ok && back != 0 {
			if f, ok := readFunction(mem, at, pc); ok {
				return f, true
			}
		}
		at += 4 + uint64(length)
	}
	return f, false
}

// find returns the FDE of a program counter by the sorted table of
// .eh_frame_hdr at the address (LSB, ".eh_frame_hdr").
func find(mem memory.Words, header, pc uint64) (f function, ok bool) {
	head, ok := mem.Bytes(header, 12, 12)
	if !ok || head[0] != 1 || head[2] != 0x03 || head[3] != dataRelative|0x0b {
		return f, false // binutils and lld write no other table
	}
	c := cursor{data: head, base: header, i: 4}
	c.pointer(head[1], header)
	if head[1]&0x0f != 0x0b && head[1]&0x0f != 0x03 {
		return f, false
	}
	count := uint64(c.uint32())
	const most = 1 << 24
	if c.bad || count == 0 || count > most {
		return f, false
	}
	table := header + 12
	at := func(i uint64, word uint64) (uint64, bool) {
		v, ok := mem.Uint32(table + 8*i + 4*word)
		return header + uint64(int64(int32(v))), ok
	}
	low, high := uint64(0), count // the last that begins at or before pc
	for low < high {
		mid := (low + high) / 2
		begin, ok := at(mid, 0)
		if !ok {
			return f, false
		}
		if begin <= pc {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low == 0 {
		return f, false
	}
	address, ok := at(low-1, 1)
	if !ok {
		return f, false
	}
	return readFunction(mem, address, pc)
}

func readFunction(mem memory.Words, at, pc uint64) (f function, ok bool) {
	c, ok := entry(mem, at)
	if !ok {
		return f, false
	}
	back := c.uint32() // distance from here to the CIE
	if back == 0 {
		return f, false
	}
	if f.common, ok = readCommon(mem, at+4-uint64(back)); !ok {
		return f, false
	}
	f.begin = c.pointer(f.encoding, 0)
	f.end = f.begin + c.pointer(f.encoding&0x0f, 0)
	if f.augmented {
		c.bytes(int(min(c.number(), 1<<16)))
	}
	f.program = c
	return f, !c.bad && f.begin <= pc && pc < f.end
}
