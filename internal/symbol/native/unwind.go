package native

import (
	"io"

	"github.com/sockleak/sockleak/internal/memory"
)

// Machine is an architecture: the number of its stack pointer in DWARF.
type Machine uint64

// The architectures that are known (psABI of each).
const (
	AMD64 Machine = 7
	ARM64 Machine = 31
)

// Unwinder follows the stacks of a process.
type Unwinder struct {
	Memory  io.ReaderAt
	Machine Machine
	// Section returns the tables of the file that is mapped at a program
	// counter; zero where there is none.
	Section func(pc uint64) Section
}

// MostFrames bounds the stacks that are read.
const MostFrames = 64

// values are the registers as far as they are known.
type values struct {
	value [registers]uint64
	known [registers]bool
}

// Registers are those of a thread.
type Registers struct {
	PC, SP uint64
	// Others are those that are known beside them, by their numbers in DWARF.
	Others map[uint64]uint64
}

// Callers returns the return addresses on a stack, the innermost first,
// beginning with the program counter itself.
func (u *Unwinder) Callers(at Registers) []uint64 {
	mem := memory.Words{ReaderAt: u.Memory}
	var regs values
	for number, value := range at.Others {
		if number < registers {
			regs.value[number], regs.known[number] = value, true
		}
	}
	regs.value[u.Machine], regs.known[u.Machine] = at.SP, true
	pc := at.PC
	var pcs []uint64
	for len(pcs) < MostFrames && pc != 0 {
		pcs = append(pcs, pc)
		f, ok := u.function(mem, pc-1)
		if !ok || f.signal {
			break
		}
		r, ok := f.rowAt(pc - 1)
		if !ok {
			break
		}
		if pc, ok = regs.caller(mem, u.Machine, &f, &r); !ok {
			break
		}
	}
	return pcs
}

func (u *Unwinder) function(mem memory.Words, pc uint64) (function, bool) {
	s := u.Section(pc)
	switch {
	case s.Header != 0:
		return find(mem, s.Header, pc)
	case s.Start != 0:
		return s.scan(mem, pc)
	}
	return function{}, false
}

// caller turns the registers into those of the caller, and returns its program
// counter.
func (v *values) caller(mem memory.Words, m Machine, f *function, r *row) (pc uint64, ok bool) {
	if r.other || r.base >= registers || !v.known[r.base] {
		return 0, false
	}
	frame := v.value[r.base] + uint64(r.offset)
	if v.known[m] && frame < v.value[m] || frame%8 != 0 {
		return 0, false // stacks grow downwards
	}
	next := *v
	for i := range r.rules {
		rule := &r.rules[i]
		switch rule.kind {
		case saved:
			next.value[i], next.known[i] = mem.Uint64(frame + uint64(rule.offset))
		case computed:
			next.value[i], next.known[i] = frame+uint64(rule.offset), true
		case moved:
			next.known[i] = rule.from < registers && v.known[rule.from]
			if next.known[i] {
				next.value[i] = v.value[rule.from]
			}
		case undefined, unknown:
			next.known[i] = false
		}
	}
	pc, ok = next.value[f.returns], next.known[f.returns]
	// On amd64 the column of the return address is no register: it must be
	// found again in each frame. On arm64 it is x30, which a call overwrites.
	next.known[f.returns] = false
	if ok && frame == v.value[m] && v.known[m] && r.rules[f.returns].kind != saved {
		return 0, false // nothing was left behind: it would never end
	}
	next.value[m], next.known[m] = frame, true
	*v = next
	return pc, ok
}
