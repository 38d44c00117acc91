package golang

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/sockleak/sockleak/internal/memory"
)

// Table finds functions, files and lines by the pclntab that every Go program
// carries (internal/abi/symtab.go, runtime/symtab.go; magic 0xfffffff1 since
// Go 1.20). Program counters are addresses in the process.
type Table struct {
	tab    memory.Words // the pclntab, by offset
	mem    memory.Words // the process
	text   uint64       // runtime.text
	etext  uint64
	gofunc uint64 // go.func.*: where the trees of inlined calls lie
	nfunc  uint64

	quantum uint64 // the least size of an instruction: 1 on amd64, 4 on arm64

	names, cu, files, pcs, funcs uint64 // offsets of the parts of the pclntab

	modules modules
	cache   map[uint64][]place
	steps   map[uint64]step
}

// Program is what a Table is made from.
type Program struct {
	Memory  io.ReaderAt // of the process
	Table   io.ReaderAt // the section .gopclntab
	Address uint64      // of that section in the process
	// Data are the ranges of the process in which the linker puts
	// runtime.firstmoduledata.
	Data []Range
	Info *BuildInfo // nil where there is none: no frame is the program's own then but those of package main
}

// Range is a range of addresses.
type Range struct{ Start, End uint64 }

const (
	magic120   = 0xfffffff1
	headerSize = 8 + 8*8
	mostFuncs  = 1 << 24
)

var (
	errTable  = errors.New("the table of functions is not one of Go 1.20 or later")
	errModule = errors.New("the module data that belong to the table of functions were not found")
)

// NewTable finds the parts of the tables.
func NewTable(p Program) (*Table, error) {
	t := &Table{
		tab: memory.Words{ReaderAt: memory.NewCache(p.Table, 4096)}, mem: memory.Words{ReaderAt: p.Memory},
		modules: newModules(p.Info), cache: map[uint64][]place{}, steps: map[uint64]step{},
	}
	head, ok := t.tab.Bytes(0, headerSize, headerSize)
	if !ok || binary.LittleEndian.Uint32(head) != magic120 || head[7] != 8 || head[6] != 1 && head[6] != 4 {
		return nil, errTable
	}
	t.quantum = uint64(head[6])
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(head[8+8*i:]) }
	t.nfunc, t.names, t.cu, t.files, t.pcs, t.funcs = word(0), word(3), word(4), word(5), word(6), word(7)
	for _, offset := range []uint64{t.names, t.cu, t.files, t.pcs, t.funcs} {
		if offset < headerSize || offset > 1<<40 {
			return nil, errTable
		}
	}
	if t.nfunc == 0 || t.nfunc > mostFuncs {
		return nil, errTable
	}
	return t, t.findModule(p)
}

// Numbers of words in runtime.moduledata (runtime/symtab.go), from Go 1.21 to
// 1.26: minpc and maxpc stand before text.
const (
	moduleText  = 22
	gofuncAt    = 40
	moduleSize  = 44
	mostModules = 32 << 20 // of data that is searched
)

// findModule searches the data of the process for runtime.firstmoduledata: it
// begins with the address of the pclntab and that of the names in it. Its own
// address is known to the symbol table only, which stripping removes.
func (t *Table) findModule(p Program) error {
	const chunk = 64 << 10
	buf := make([]byte, chunk)
	left := uint64(mostModules)
	for _, r := range p.Data {
		for at := r.Start &^ 7; at < r.End && left > 0; at += chunk - moduleSize*8 {
			n := min(chunk, r.End-at, left)
			left -= min(left, chunk-moduleSize*8)
			if n < moduleSize*8 {
				break
			}
			if _, err := t.mem.ReadAt(buf[:n], int64(at)); err != nil {
				break
			}
			if i := findPair(buf[:n], p.Address, p.Address+t.names); i >= 0 && t.module(buf[i:n]) {
				return nil
			}
		}
	}
	return errModule
}

// findPair returns where two words stand side by side, with a whole module
// behind them; else -1.
func findPair(data []byte, a, b uint64) int {
	for i := 0; i+moduleSize*8 <= len(data); i += 8 {
		if binary.LittleEndian.Uint64(data[i:]) == a && binary.LittleEndian.Uint64(data[i+8:]) == b {
			return i
		}
	}
	return -1
}

// module takes over the addresses of a runtime.moduledata.
func (t *Table) module(data []byte) bool {
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(data[8*i:]) }
	t.text, t.etext = word(moduleText), word(moduleText+1)
	t.gofunc = word(gofuncAt)
	minpc, maxpc := word(moduleText-2), word(moduleText-1)
	return t.text != 0 && t.text < t.etext && t.text <= minpc && minpc < maxpc && maxpc <= t.etext && t.etext-t.text < 1<<32
}
