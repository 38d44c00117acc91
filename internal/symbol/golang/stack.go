package golang

import (
	"io"

	"github.com/sockleak/sockleak/internal/memory"
)

// Stack is where a goroutine or thread is.
type Stack struct {
	PC, SP uint64
	// Low and High bound the goroutine's stack; 0 where they are not known.
	Low, High uint64
	// Memory reads the stack; nil where the table's reader does.
	Memory io.ReaderAt
}

// MostFrames bounds the stacks that are read.
const MostFrames = 64

// Callers returns the return addresses on a stack of Go functions, the
// innermost first, beginning with the program counter itself. The size of each
// frame is in the tables, so that frame pointers are not needed. It ends at
// the first function that is not known, where the runtime switches stacks, and
// where a frame lies outside the bounds.
func (t *Table) Callers(s Stack) []uint64 {
	mem := t.mem
	if s.Memory != nil {
		mem = memory.Words{ReaderAt: s.Memory}
	}
	var pcs []uint64
	pc, sp := s.PC, s.SP
	for len(pcs) < MostFrames && pc != 0 {
		f := t.step(pc)
		if !f.known {
			break
		}
		pcs = append(pcs, pc)
		size := f.size
		if f.last || size < 0 || size%8 != 0 || size > 1<<30 {
			break
		}
		// On amd64 a call pushes the return address above the frame; on arm64
		// the function that calls others stores it at the bottom of its own,
		// and one without a frame has it in a register that is not seen here.
		at, next := sp+uint64(size), sp+uint64(size)+8
		if t.quantum == 4 {
			at, next = sp, sp+uint64(size)
			if size == 0 {
				break
			}
		}
		if s.High != 0 && (at < s.Low || next > s.High) {
			break
		}
		var ok bool
		if pc, ok = mem.Uint64(at); !ok || next <= sp {
			break
		}
		sp = next
	}
	return pcs
}

// step is what is known of a program counter of a stack.
type step struct {
	known bool
	last  bool  // the function is the outermost of its stack
	size  int32 // of the frame
}

// step looks up a return address, each once.
func (t *Table) step(pc uint64) (s step) {
	if s, ok := t.steps[pc]; ok {
		return s
	}
	if f, ok := t.function(pc - 1); ok {
		s = step{known: true, last: t.endsStack(&f), size: t.value(&f, f.pcsp, pc-1)}
	}
	if len(t.steps) < 1<<16 {
		t.steps[pc] = s
	}
	return s
}

// endsStack reports whether the function is the outermost of its stack.
func (t *Table) endsStack(f *function) bool {
	const longest = 64
	switch name, _ := t.tab.CString(t.names+f.name, longest); name {
	case "runtime.goexit", "runtime.mstart", "runtime.rt0_go", "runtime.mcall", "runtime.morestack", "runtime.asmcgocall", "runtime.cgocallback":
		return true
	}
	return false
}

// nameAt is the name of the function that holds a program counter.
func (t *Table) nameAt(pc uint64) string {
	if list := t.at(pc); len(list) > 0 {
		return list[len(list)-1].Function
	}
	return ""
}
