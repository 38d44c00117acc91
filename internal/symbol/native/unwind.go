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
	// Executable reports whether instructions are mapped at an address, and
	// Begin returns where the function begins that has no table, 0 where that
	// is not known. Without them stacks end where a table is missing, or needs
	// a register that is not known.
	Executable func(pc uint64) bool
	Begin      func(pc uint64) uint64
	// Rows keeps what the tables say of a program counter from one stack to the
	// next; it may be nil.
	Rows Rows
}

// Rows are what unwinding tables say of program counters. They are good as long
// as the same files are mapped.
type Rows map[uint64]*step

// step is how to come from a program counter to that of the caller; end is true
// where the stack ends, missing where there is no table.
type step struct {
	begin   uint64 // of the function
	returns uint64 // column of the return address
	row     row
	end     bool
	missing bool
}

// mostRows bounds what is kept.
const mostRows = 1 << 13

// step reads the tables.
func (u *Unwinder) step(mem memory.Words, pc uint64) *step {
	if s := u.Rows[pc]; s != nil {
		return s
	}
	s := &step{missing: true}
	if f, ok := u.function(mem, pc); ok {
		r, ok := f.rowAt(pc)
		s = &step{begin: f.begin, returns: f.returns, row: r, end: !ok || f.signal}
	} else if u.Begin != nil {
		s.begin = u.Begin(pc)
	}
	if u.Rows != nil && len(u.Rows) < mostRows {
		u.Rows[pc] = s
	}
	return s
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
		s := u.step(mem, pc-1)
		if s.end {
			break
		}
		var ok bool
		if s.missing || s.row.other || s.row.base < registers && !regs.known[s.row.base] {
			pc, ok = regs.byPrologue(mem, u, pc, s)
		} else {
			pc, ok = regs.caller(mem, u.Machine, s)
		}
		if !ok {
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
func (v *values) caller(mem memory.Words, m Machine, s *step) (pc uint64, ok bool) {
	r := &s.row
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
	pc, ok = next.value[s.returns], next.known[s.returns]
	// On amd64 the column of the return address is no register: it must be
	// found again in each frame. On arm64 it is x30, which a call overwrites.
	next.known[s.returns] = false
	if ok && frame == v.value[m] && v.known[m] && r.rules[s.returns].kind != saved {
		return 0, false // nothing was left behind: it would never end
	}
	next.value[m], next.known[m] = frame, true
	*v = next
	return pc, ok
}
