//go:build linux

package program

import (
	"debug/elf"
	"io"
	"path"

	"github.com/sockleak/sockleak/internal/memory"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/symbol/native"
)

// module is a file of which code is mapped.
type module struct {
	img     *memory.Image
	section native.Section
	symbols *native.Symbols
}

// module returns the file that is mapped at an address, or nil.
func (p *Program) module(pc uint64) (found *module) {
	m := p.Maps.At(pc)
	if m == nil || !m.Executable {
		return nil
	}
	if found, seen := p.modules[m.Path]; seen {
		return found
	}
	defer func() { p.modules[m.Path] = found }()
	var err error
	defer memory.Guard(&err)
	img, err := p.Memory.Image(p.Maps, m, p.Process.Exe)
	if err != nil {
		return nil
	}
	p.closers = append(p.closers, img)
	found = &module{img: img}
	for _, seg := range img.Progs {
		if seg.Type == elf.PT_GNU_EH_FRAME {
			found.section.Header = seg.Vaddr + img.Bias
		}
	}
	if s := img.Section(".eh_frame"); s != nil {
		found.section.Start, found.section.Size = s.Addr+img.Bias, s.Size
	}
	return found
}

// Native follows a stack by the unwinding tables of compiled code, and names
// it, the innermost first. mem is the process's memory.
func (p *Program) Native(mem io.ReaderAt, at native.Registers) (frames []socket.Frame) {
	u := native.Unwinder{Memory: mem, Machine: native.AMD64, Rows: p.rows, Executable: p.executableAt, Begin: p.begin, Section: func(pc uint64) (s native.Section) {
		if m := p.module(pc); m != nil {
			s = m.section
		}
		return s
	}}
	if m := p.module(at.PC - 1); m != nil && m.img.Machine == elf.EM_AARCH64 {
		u.Machine = native.ARM64
	}
	for _, pc := range u.Callers(at) {
		frames = append(frames, p.at(pc-1)...)
	}
	if p.Process.Runtime != socket.Native {
		for i := range frames {
			frames[i].Own = false // it is the interpreter, or what cgo brings along
		}
	}
	return frames
}

// at names what is at an address; empty when that is not known.
func (p *Program) at(pc uint64) (frames []socket.Frame) {
	var err error
	defer memory.Guard(&err)
	if m := p.named(pc); m != nil {
		frames = m.symbols.At(pc - m.img.Bias)
	}
	return frames
}

// begin returns where the function begins that an address lies in, by its symbol;
// 0 where that is not known.
func (p *Program) begin(pc uint64) (begin uint64) {
	var err error
	defer memory.Guard(&err)
	if m := p.named(pc); m != nil {
		if begin = m.symbols.Begin(pc - m.img.Bias); begin != 0 {
			begin += m.img.Bias
		}
	}
	return begin
}

// named is module with its symbols.
func (p *Program) named(pc uint64) *module {
	m := p.module(pc)
	if m != nil && m.symbols == nil {
		m.symbols = native.NewSymbols(m.img.File, path.Base(m.img.Path), m.img.Path == p.Process.Exe)
	}
	return m
}

func (p *Program) executableAt(pc uint64) bool {
	m := p.Maps.At(pc)
	return m != nil && m.Executable
}
