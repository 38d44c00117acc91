//go:build linux

package bpf

import (
	"encoding/binary"
	"strconv"
	"strings"
)

// maxDepth bounds how deep types may nest, so that damaged BTF with a cycle
// in it ends the search rather than the program.
const maxDepth = 32

// place is where a member lies in a struct.
type place struct {
	offset int16 // as an instruction's offset field takes it
	size   uint32
}

// asked is a member of a kernel struct that the program has asked for.
type asked struct{ of, path string }

// find returns where a member lies in a kernel struct. The path names members
// of members with dots, and elements of arrays by their number; anonymous
// structs and unions on the way are looked into, as the C compiler does.
func (k *btf) find(structName, path string) (place, bool) {
	key := asked{structName, path}
	p, known := k.places[key]
	if !known {
		p = k.lookUp(structName, path)
		k.places[key] = p
	}
	return p, p.offset >= 0
}

// nowhere is the place of a member that the kernel does not have.
const nowhere = -1

// lookUp finds a member in the types themselves.
func (k *btf) lookUp(structName, path string) place {
	id, ok := k.ids[symbol{kindStruct, structName}]
	if !ok {
		return place{offset: nowhere}
	}
	var offset uint32
	for part := range strings.SplitSeq(path, ".") {
		at, member, ok := k.step(id, part)
		if !ok {
			return place{offset: nowhere}
		}
		offset += at
		id = member
	}
	if offset > 1<<15-1 {
		return place{offset: nowhere} // does not fit into an instruction
	}
	return place{int16(offset), k.size(id)}
}

// step returns where a member or an element of an array lies, and its type.
func (k *btf) step(id uint32, part string) (offset, typ uint32, ok bool) {
	n, err := strconv.ParseUint(part, 10, 8)
	if err != nil {
		return k.member(id, part, maxDepth)
	}
	rec, ok := k.resolve(id)
	if !ok || kindOf(rec) != kindArray {
		return 0, 0, false
	}
	typ = binary.LittleEndian.Uint32(rec[typeSize:]) // struct btf_array: type, index_type, nelems
	return uint32(n) * k.sizeOfAny(typ), typ, true
}

// sizeOfAny returns the size of a type that may be an element of an array, 0
// of others.
func (k *btf) sizeOfAny(id uint32) uint32 {
	rec, ok := k.resolve(id)
	if ok && (kindOf(rec) == kindStruct || kindOf(rec) == kindUnion) {
		return binary.LittleEndian.Uint32(rec[8:])
	}
	return k.size(id)
}

// hasEnumerator reports whether an enum has an enumerator of the name.
func (k *btf) hasEnumerator(id uint32, name string) bool {
	rec, ok := k.resolve(id)
	if !ok || kindOf(rec) != kindEnum {
		return false
	}
	for i := range members(rec) { // struct btf_enum: name_off, val
		if k.nameIs(binary.LittleEndian.Uint32(rec[typeSize+8*i:]), name) {
			return true
		}
	}
	return false
}

// member returns the byte offset and the type of a named member.
func (k *btf) member(id uint32, name string, depth int) (offset, typ uint32, ok bool) {
	rec, ok := k.resolve(id)
	if !ok || depth == 0 {
		return 0, 0, false
	}
	if kind := kindOf(rec); kind != kindStruct && kind != kindUnion {
		return 0, 0, false
	}
	for i := range members(rec) { // struct btf_member: name_off, type, offset in bits
		m := rec[typeSize+12*i:]
		nameAt := binary.LittleEndian.Uint32(m)
		typ, bits := binary.LittleEndian.Uint32(m[4:]), binary.LittleEndian.Uint32(m[8:])
		width := uint32(0)
		if hasBitfields(rec) {
			width, bits = bits>>24, bits&0xffffff
		}
		if k.nameIs(nameAt, "") {
			if at, t, ok := k.member(typ, name, depth-1); ok {
				return bits/8 + at, t, true
			}
			continue
		}
		if k.nameIs(nameAt, name) {
			return bits / 8, typ, width == 0 && bits%8 == 0 // bit fields are not loaded
		}
	}
	return 0, 0, false
}

// size returns the size of a scalar or pointer type, and 0 of any other.
func (k *btf) size(id uint32) uint32 {
	rec, ok := k.resolve(id)
	if !ok {
		return 0
	}
	switch kindOf(rec) {
	case kindPtr:
		return 8
	case kindInt, kindEnum, kindEnum64:
		return binary.LittleEndian.Uint32(rec[8:])
	}
	return 0
}

// resolve returns the record of a type, with typedefs and qualifiers
// stripped. The record is complete: its members may be read.
func (k *btf) resolve(id uint32) ([]byte, bool) {
	for range maxDepth {
		rec, ok := k.record(id)
		if !ok {
			return nil, false
		}
		switch kindOf(rec) {
		case kindTypedef, kindVolatile, kindConst, kindRestrict, kindTypeTag:
			id = binary.LittleEndian.Uint32(rec[8:])
		default:
			return rec, true
		}
	}
	return nil, false
}

// record returns the record with the given id. It is complete, as next has
// checked.
func (k *btf) record(id uint32) ([]byte, bool) {
	for id > k.count {
		if k.next() == nil {
			return nil, false
		}
	}
	if id == 0 {
		return nil, false
	}
	off := k.marks[(id-1)/markEvery]
	for range (id - 1) % markEvery {
		off += sizeOf(k.types[off:])
	}
	return k.types[off:], true
}
