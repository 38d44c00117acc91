//go:build linux

package program

import (
	"debug/elf"
	"errors"
	"io"

	"github.com/sockleak/sockleak/internal/memory"
	"github.com/sockleak/sockleak/internal/symbol/golang"
)

var errNotGo = errors.New("the executable has no table of Go functions")

// openGo opens the tables of the executable.
func (p *Program) openGo() (err error) {
	defer memory.Guard(&err)
	exe := p.executable()
	if exe == nil {
		return errNotGo
	}
	img, err := p.Memory.Image(p.Maps, exe, exe.Path)
	if err != nil {
		return err
	}
	p.closers = append(p.closers, img)
	table, addr := img.SectionData(".gopclntab", ".data.rel.ro.gopclntab")
	if table == nil {
		return errNotGo
	}
	info, err := golang.ReadBuildInfo(img.Raw())
	if err != nil {
		return err
	}
	symbols, err := golang.NewTable(golang.Program{Memory: p.Cached, Table: table, Address: addr, Data: moduleData(img), Info: info})
	if err != nil {
		return err
	}
	if s := img.Section(".bss"); s != nil {
		p.variables = golang.Range{Start: s.Addr + img.Bias, End: s.Addr + img.Bias + s.Size}
	}
	p.Go, p.release = symbols, info.GoVersion
	p.Runtime = p.GoRuntime(p.Cached)
	return nil
}

// GoRuntime returns a reader of the runtime of a Go program as it is in mem, the
// process's memory.
func (p *Program) GoRuntime(mem io.ReaderAt) *golang.Runtime {
	return golang.NewRuntime(p.Go, p.release, mem)
}

// Goroutines returns the address of runtime.allgs of a Go program, the slice of all
// goroutines; 0 where it was not found.
func (p *Program) Goroutines() uint64 { return p.Runtime.Goroutines(p.variables) }

// executable returns a mapping of the process's executable.
func (p *Program) executable() *memory.Mapping {
	for i := range p.Maps {
		if m := &p.Maps[i]; m.Path != "" && m.Maps(p.Process.Exe) {
			return m
		}
	}
	return nil
}

// moduleData are the sections in which linkers put runtime.firstmoduledata:
// its own since Go 1.26, .noptrdata before, .data when the C linker is used.
func moduleData(img *memory.Image) []golang.Range {
	var ranges []golang.Range
	for _, name := range []string{".go.module", ".noptrdata", ".data", ".data.rel.ro", ".data.rel.ro.go.module"} {
		if s := img.Section(name); s != nil && s.Flags&elf.SHF_ALLOC != 0 && s.Type != elf.SHT_NOBITS {
			ranges = append(ranges, golang.Range{Start: s.Addr + img.Bias, End: s.Addr + img.Bias + s.Size})
		}
	}
	return ranges
}
