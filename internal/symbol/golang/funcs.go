package golang

import (
	"encoding/binary"
	"math"
)

// function is a runtime._func (runtime/runtime2.go): the part of fixed size,
// then the offsets of its tables.
type function struct {
	at    uint64 // offset of the _func in the pclntab
	entry uint64
	name  uint64 // offset among the names
	pcsp, pcfile, pcln,
	npcdata, cu uint32
	line      int32 // at which it begins, since Go 1.20
	nfuncdata byte
}

const (
	funcSize     = 44
	inlTreeIndex = 2 // abi.PCDATA_InlTreeIndex
	inlTree      = 3 // abi.FUNCDATA_InlTree
	noFuncdata   = math.MaxUint32
)

// function returns the function that holds a program counter.
func (t *Table) function(pc uint64) (f function, ok bool) {
	if pc < t.text || pc >= t.etext {
		return f, false
	}
	rel := uint32(pc - t.text)
	low, high := uint64(0), t.nfunc // the last that begins at or before rel
	for low < high {
		mid := (low + high) / 2
		entry, ok := t.tab.Uint32(t.funcs + 8*mid)
		if !ok {
			return f, false
		}
		if entry <= rel {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low == 0 {
		return f, false
	}
	offset, ok := t.tab.Uint32(t.funcs + 8*(low-1) + 4)
	if !ok {
		return f, false
	}
	return t.header(t.funcs + uint64(offset))
}

func (t *Table) header(at uint64) (f function, ok bool) {
	b, ok := t.tab.Bytes(at, funcSize, funcSize)
	if !ok {
		return f, false
	}
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(b[4*i:]) }
	return function{
		at: at, entry: t.text + uint64(word(0)), name: uint64(word(1)), pcsp: word(4), pcfile: word(5), pcln: word(6),
		npcdata: word(7), cu: word(8), line: int32(word(9)), nfuncdata: b[funcSize-1],
	}, word(7) < 64
}

// value returns what a table of the function says of a program counter: -1
// when there is no table or it says nothing.
func (t *Table) value(f *function, table uint32, pc uint64) int32 {
	if table == 0 {
		return -1
	}
	const mostSteps = 1 << 18 // a function has less than a megabyte of code
	r := varints{t: t, at: t.pcs + uint64(table)}
	value, at := int32(-1), f.entry
	for i := range mostSteps {
		delta := r.next()
		if delta == 0 && i > 0 || r.bad {
			return -1
		}
		// Zig-zag: the lowest bit is the sign.
		value += int32(delta>>1) ^ -int32(delta&1)
		at += uint64(r.next()) * t.quantum
		if r.bad {
			return -1
		}
		if pc < at {
			return value
		}
	}
	return -1
}

// pcdata returns what one of the further tables says.
func (t *Table) pcdata(f *function, index uint32, pc uint64) int32 {
	if index >= f.npcdata {
		return -1
	}
	table, ok := t.tab.Uint32(f.at + funcSize + 4*uint64(index))
	if !ok {
		return -1
	}
	return t.value(f, table, pc)
}

// funcdata returns the address in the process of one of the function's
// constants.
func (t *Table) funcdata(f *function, index byte) (addr uint64, ok bool) {
	if index >= f.nfuncdata {
		return 0, false
	}
	offset, ok := t.tab.Uint32(f.at + funcSize + 4*uint64(f.npcdata) + 4*uint64(index))
	return t.gofunc + uint64(offset), ok && offset != noFuncdata
}

// varints reads numbers as encoding/binary writes them, a few bytes at a time.
type varints struct {
	t   *Table
	at  uint64
	buf [64]byte
	i,
	n int
	bad bool
}

func (r *varints) next() uint32 {
	var value uint32
	for shift := 0; shift < 35; shift += 7 {
		if r.i == r.n && !r.fill() {
			return 0
		}
		b := r.buf[r.i]
		r.i++
		value |= uint32(b&0x7f) << shift
		if b < 0x80 {
			return value
		}
	}
	r.bad = true
	return 0
}

func (r *varints) fill() bool {
	n, err := r.t.tab.ReadAt(r.buf[:], int64(r.at))
	if n == 0 && err != nil {
		r.bad = true
		return false
	}
	r.at += uint64(n)
	r.i, r.n = 0, n
	return true
}
