package python

// line returns the line of an instruction by its offset in the bytecode, from
// the code object's table and its first line; 0 when the table says none.
func line(format lineFormat, table []byte, first, at int) int {
	switch format {
	case lnotab:
		return lineOfLnotab(table, first, at)
	case linetable:
		return lineOfLinetable(table, first, at)
	}
	return lineOfLocations(table, first, at)
}

// lineOfLnotab reads pairs of an unsigned step in bytes and a signed one in
// lines (Objects/lnotab_notes.txt).
func lineOfLnotab(table []byte, line, at int) int {
	address := 0
	for ; len(table) >= 2; table = table[2:] {
		if address += int(table[0]); address > at {
			break
		}
		line += int(int8(table[1]))
	}
	return line
}

// lineOfLinetable reads pairs of the length of a range in bytes and a signed
// step in lines, -128 for none (PEP 626, Objects/lnotab_notes.txt of 3.10).
func lineOfLinetable(table []byte, line, at int) int {
	address := 0
	for ; len(table) >= 2; table = table[2:] {
		step := int8(table[1])
		if step != -128 {
			line += int(step)
		}
		if address += int(table[0]); at < address {
			if step == -128 {
				return 0
			}
			return line
		}
	}
	return 0
}

// lineOfLocations reads entries of a length in instructions and a step in
// lines (Objects/locations.md of 3.11, PEP 657).
func lineOfLocations(table []byte, line, at int) int {
	r := locationReader{table}
	for address := 0; len(r.rest) > 0; {
		head := r.byte()
		code := head >> 3 & 15
		length := (int(head&7) + 1) * 2 // instructions have two bytes
		none := false
		switch {
		case code == 15:
			none = true
		case code == 14: // long form: line, end line, column, end column
			line += r.signed()
			r.number()
			r.number()
			r.number()
		case code == 13:
			line += r.signed()
		case code >= 10:
			line += int(code) - 10
			r.byte()
			r.byte()
		default:
			r.byte()
		}
		if address <= at && at < address+length {
			if none {
				return 0
			}
			return line
		}
		address += length
	}
	return 0
}

// locationReader reads a location table; behind its end there are zeros.
type locationReader struct{ rest []byte }

func (r *locationReader) byte() byte {
	if len(r.rest) == 0 {
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

// number reads a number of six bits a byte, the lowest first; bit 6 says that
// more follow.
func (r *locationReader) number() int {
	value := 0
	for shift := 0; shift < 60; shift += 6 {
		b := r.byte()
		value |= int(b&63) << shift
		if b&64 == 0 {
			break
		}
	}
	return value
}

// signed reads a number whose lowest bit is its sign.
func (r *locationReader) signed() int {
	n := r.number()
	if n&1 != 0 {
		return -(n >> 1)
	}
	return n >> 1
}
