//go:build linux

package bpf

import (
	"encoding/binary"
	"fmt"
)

// The kinds of BTF types that matter here (include/uapi/linux/btf.h).
const (
	kindInt      = 1
	kindPtr      = 2
	kindArray    = 3
	kindStruct   = 4
	kindUnion    = 5
	kindEnum     = 6
	kindForward  = 7
	kindTypedef  = 8
	kindVolatile = 9
	kindConst    = 10
	kindRestrict = 11
	kindFunc     = 12
	kindProto    = 13
	kindVar      = 14
	kindDatasec  = 15
	kindFloat    = 16
	kindDeclTag  = 17
	kindTypeTag  = 18
	kindEnum64   = 19
)

// typeSize is sizeof(struct btf_type): name_off, info, size_or_type.
const typeSize = 12

// symbol names a struct or a function of the kernel.
type symbol struct {
	kind uint8 // kindStruct, kindFunc or kindEnum
	name string
}

// btf is the kernel's type information: the raw sections, the ids of the
// wanted symbols, and where every 64th type starts. An offset for each of its
// 150,000 types would cost more memory than the rest of a look.
type btf struct {
	types, names []byte
	marks        []uint32
	count        uint32 // ids run from 1; those up to count have been passed
	end          uint32 // where the record after them starts
	ids          map[symbol]uint32
	places       map[asked]place // of the members that were asked for so far
}

const markEvery = 64

// parseBTF passes over BTF data until it has found the wanted symbols, or to
// the end. What comes later is passed over when it is asked for.
func parseBTF(data []byte, wanted []symbol) (*btf, error) {
	k, err := splitBTF(data)
	if err != nil {
		return nil, err
	}
	want := newPrefixes(wanted)
	k.ids = make(map[symbol]uint32, len(wanted))
	for len(k.ids) < len(wanted) {
		rec := k.next()
		if rec == nil {
			break
		}
		if kind := kindOf(rec); kind == kindStruct || kind == kindFunc || kind == kindEnum {
			name := binary.LittleEndian.Uint32(rec)
			if want.mayHold(k.names, name) {
				k.note(kind, name, want)
			}
		}
	}
	if int(k.end) < len(k.types) && len(k.ids) < len(wanted) {
		return nil, fmt.Errorf("btf: type %d is of an unknown kind or cut off", k.count+1)
	}
	return k, nil
}

// next passes over one record and returns it, or nil at the end and at a
// record that is damaged.
func (k *btf) next() []byte {
	rec := k.types[k.end:]
	if len(rec) < typeSize {
		return nil
	}
	size := sizeOf(rec)
	if size == 0 || uint64(size) > uint64(len(rec)) {
		return nil
	}
	if k.count%markEvery == 0 {
		k.marks = append(k.marks, k.end)
	}
	k.count++
	k.end += size
	return rec
}

// splitBTF checks struct btf_header and cuts the two sections out of data.
func splitBTF(data []byte) (*btf, error) {
	const magic, headerSize = 0xeb9f, 24
	if len(data) < headerSize || binary.LittleEndian.Uint16(data) != magic {
		return nil, fmt.Errorf("btf: no header")
	}
	header := uint64(binary.LittleEndian.Uint32(data[4:]))
	section := func(at int) ([]byte, error) {
		from := header + uint64(binary.LittleEndian.Uint32(data[at:]))
		size := uint64(binary.LittleEndian.Uint32(data[at+4:]))
		if from+size > uint64(len(data)) {
			return nil, fmt.Errorf("btf: section of %d bytes at %d is cut off", size, from)
		}
		return data[from : from+size], nil
	}
	types, err := section(8)
	if err != nil {
		return nil, err
	}
	names, err := section(16)
	if err != nil {
		return nil, err
	}
	return &btf{types: types, names: names, places: make(map[asked]place)}, nil
}

// A record starts with struct btf_type; its info word holds the kind, the
// number of members, and whether members have widths.
func info(rec []byte) uint32       { return binary.LittleEndian.Uint32(rec[4:]) }
func kindOf(rec []byte) uint8      { return uint8(info(rec) >> 24 & 0x1f) }
func members(rec []byte) uint32    { return info(rec) & 0xffff }
func hasBitfields(rec []byte) bool { return info(rec)>>31 != 0 }

// sizeOf returns the size of a type record, and 0 for an unknown kind. It is
// two look-ups, for there are many records to step over.
func sizeOf(rec []byte) uint32 {
	kind := kindOf(rec)
	return uint32(fixedSize[kind]) + uint32(memberSize[kind])*members(rec)
}

// fixedSize and memberSize are the sizes, by kind, of what every record has
// and of what it has once for each member.
var (
	fixedSize = [32]uint8{
		kindInt: typeSize + 4, kindPtr: typeSize, kindArray: typeSize + 12, kindStruct: typeSize,
		kindUnion: typeSize, kindEnum: typeSize, kindForward: typeSize, kindTypedef: typeSize,
		kindVolatile: typeSize, kindConst: typeSize, kindRestrict: typeSize, kindFunc: typeSize,
		kindProto: typeSize, kindVar: typeSize + 4, kindDatasec: typeSize, kindFloat: typeSize,
		kindDeclTag: typeSize + 4, kindTypeTag: typeSize, kindEnum64: typeSize,
	}
	memberSize = [32]uint8{
		kindStruct: 12, kindUnion: 12, kindEnum: 8, kindProto: 8, kindDatasec: 12, kindEnum64: 12,
	}
)

// note keeps the id of the type just counted if it is wanted. Of two types
// with one name the first counts, as it does for the kernel.
func (k *btf) note(kind uint8, name uint32, want *prefixes) {
	for _, s := range want.symbols {
		if s.kind == kind && k.nameIs(name, s.name) {
			if _, have := k.ids[s]; !have {
				k.ids[s] = k.count
			}
		}
	}
}

// nameIs reports whether the NUL-terminated name at an offset is s.
func (k *btf) nameIs(at uint32, s string) bool {
	if uint64(at)+uint64(len(s)) >= uint64(len(k.names)) {
		return false
	}
	n := k.names[at:]
	return n[len(s)] == 0 && string(n[:len(s)]) == s
}

// prefixes is a filter over the first four bytes of the wanted names, the NUL
// behind a name of three included. (No wanted name is shorter.) Nearly all of
// the kernel's 70,000 functions and structs stop at it.
type prefixes struct {
	symbols []symbol
	seen    [1 << 7]uint64 // a bit for each hash of 13 bits
}

func newPrefixes(wanted []symbol) *prefixes {
	p := &prefixes{symbols: wanted}
	for _, s := range wanted {
		var first [4]byte
		copy(first[:], s.name)
		h := prefixHash(binary.LittleEndian.Uint32(first[:]))
		p.seen[h/64] |= 1 << (h % 64)
	}
	return p
}

func prefixHash(v uint32) uint32 { return v * 2654435761 >> 19 } // Fibonacci hashing

func (p *prefixes) mayHold(names []byte, at uint32) bool {
	if uint64(at)+4 > uint64(len(names)) {
		return false
	}
	h := prefixHash(binary.LittleEndian.Uint32(names[at:]))
	return p.seen[h/64]&(1<<(h%64)) != 0
}
