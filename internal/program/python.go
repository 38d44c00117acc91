//go:build linux

package program

import (
	"bytes"
	"debug/elf"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/sockleak/sockleak/internal/memory"
	"github.com/sockleak/sockleak/internal/symbol/python"
)

// openPython finds the interpreter of a known release.
func (p *Program) openPython() error {
	m, minor := p.interpreter()
	if m == nil {
		return python.ErrRelease
	}
	runtime, err := p.dynamicSymbol(m, "_PyRuntime")
	if err != nil {
		return err
	}
	p.python, err = python.New(p.Cached, minor, runtime)
	return err
}

// Python returns a reader of the interpreter as it is in mem, the process's
// memory; nil where the program has none of a known release.
func (p *Program) Python(mem io.ReaderAt) *python.Interpreter {
	if p.python == nil {
		return nil
	}
	return p.python.With(mem)
}

// interpreter returns a mapping of the file that the interpreter is in, and the
// N of Python 3.N.
func (p *Program) interpreter() (m *memory.Mapping, minor int) {
	for _, prefix := range []string{"libpython3.", "python3."} {
		for i := range p.Maps {
			rest, ok := strings.CutPrefix(path.Base(p.Maps[i].Path), prefix)
			if !ok {
				continue
			}
			if digits := len(rest) - len(strings.TrimLeft(rest, "0123456789")); digits > 0 && !strings.HasSuffix(rest, ".zip") {
				n, _ := strconv.Atoi(rest[:digits])
				return &p.Maps[i], n
			}
		}
	}
	return nil, 0
}

// dynamicSymbol returns the address in the process of a symbol that a file
// exports.
func (p *Program) dynamicSymbol(m *memory.Mapping, name string) (addr uint64, err error) {
	defer memory.Guard(&err)
	img, err := p.Memory.Image(p.Maps, m, p.Process.Exe)
	if err != nil {
		return 0, err
	}
	defer img.Close()
	value, err := exported(img.File, name)
	switch {
	case err != nil:
		return 0, err
	case value == 0:
		return 0, python.ErrRelease
	}
	return value + img.Bias, nil
}

// exported returns the value of a dynamic symbol of a file of 64 bits; 0 where it
// has none of that name. Reading all the others' names would take milliseconds.
func exported(f *elf.File, name string) (value uint64, err error) {
	const most = 16 << 20 // bytes
	names, symbols := f.Section(".dynstr"), f.Section(".dynsym")
	if names == nil || symbols == nil || names.Size > most || symbols.Size > most {
		return 0, nil
	}
	text, err := names.Data()
	if err != nil {
		return 0, err
	}
	table, err := symbols.Data()
	for want := []byte(name + "\x00"); len(table) >= elf.Sym64Size; table = table[elf.Sym64Size:] {
		at := f.ByteOrder.Uint32(table) // Elf64_Sym.st_name
		if int64(at) < int64(len(text)) && bytes.HasPrefix(text[at:], want) {
			return f.ByteOrder.Uint64(table[8:]), nil // st_value
		}
	}
	return 0, err
}
