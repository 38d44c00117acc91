//go:build linux

package waiters

import (
	"debug/elf"
	"path"

	"github.com/sockleak/sockleak/internal/memory"
	"github.com/sockleak/sockleak/internal/socket"
	"github.com/sockleak/sockleak/internal/symbol/native"
)

// nativeProgram is what is known of a compiled program and its libraries.
type nativeProgram struct {
	look    *look
	modules map[string]*nativeModule // by path; nil for what cannot be used
}

// nativeModule is a file of which code is mapped.
type nativeModule struct {
	img     *memory.Image
	section native.Section
	symbols *native.Symbols
}

// module returns the file that is mapped at an address, or nil.
func (p *nativeProgram) module(pc uint64) (found *nativeModule) {
	m := p.look.maps.At(pc)
	if m == nil || !m.Executable {
		return nil
	}
	if found, seen := p.modules[m.Path]; seen {
		return found
	}
	defer func() { p.modules[m.Path] = found }()
	var err error
	defer memory.Guard(&err)
	img, err := p.look.mem.Image(p.look.maps, m, p.look.Process.Exe)
	if err != nil {
		return nil
	}
	p.look.closers = append(p.look.closers, img)
	found = &nativeModule{img: img}
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

// threadFrames is the stack of a thread.
func (p *nativeProgram) threadFrames(t *Thread) (frames []socket.Frame) {
	u := native.Unwinder{Memory: p.look.cached, Machine: native.AMD64, Section: func(pc uint64) (s native.Section) {
		if m := p.module(pc); m != nil {
			s = m.section
		}
		return s
	}}
	if m := p.module(t.PC - 1); m != nil && m.img.Machine == elf.EM_AARCH64 {
		u.Machine = native.ARM64
	}
	for _, pc := range u.Callers(t.PC, t.SP) {
		frames = append(frames, p.at(pc-1)...)
	}
	if p.look.Process.Runtime != socket.Native {
		for i := range frames {
			frames[i].Own = false // it is the interpreter, or what cgo brings along
		}
	}
	return frames
}

// at names what is at an address; empty when that is not known.
func (p *nativeProgram) at(pc uint64) (frames []socket.Frame) {
	m := p.module(pc)
	if m == nil {
		return nil
	}
	var err error
	defer memory.Guard(&err)
	if m.symbols == nil {
		m.symbols = native.NewSymbols(m.img.File, path.Base(m.img.Path), m.img.Path == p.look.Process.Exe)
	}
	return m.symbols.At(pc - m.img.Bias)
}
