package golang

import "encoding/binary"

const (
	statusSyscall = 3 // _Gsyscall

	// mostSystemStack is how much of a thread's stack is searched: C code that
	// waits has seldom more on it.
	mostSystemStack = 64 << 10
	// mostSaved is how far above the return address into it runtime.asmcgocall
	// has saved the goroutine, in words: on amd64 at a fixed place, on arm64
	// behind the variables of the function in C.
	mostSaved = 256
)

// Cgo returns the goroutine that has called the C code which a thread is in. It
// is found on the thread's own stack, where runtime.asmcgocall has saved it, and
// counts only if it says itself that it is in a call of that thread. sp is the
// thread's stack pointer, end where its stack ends or later, and tid the
// thread's id as the process sees it.
func (r *Runtime) Cgo(sp, end uint64, tid int) (g Goroutine, ok bool) {
	stack := make([]byte, min(end-sp, mostSystemStack)&^7)
	if end <= sp || sp%8 != 0 {
		return g, false
	}
	if _, err := r.mem.ReadAt(stack, int64(sp)); err != nil {
		return g, false
	}
	for ; len(stack) >= 8; stack = stack[8:] {
		pc := binary.LittleEndian.Uint64(stack)
		if pc < r.table.text || pc >= r.table.etext || r.table.nameAt(pc-1) != "runtime.asmcgocall" {
			continue
		}
		for saved := stack[8:min(len(stack), 8*mostSaved)]; len(saved) >= 8; saved = saved[8:] {
			if g, ok := r.calling(binary.LittleEndian.Uint64(saved), tid); ok {
				return g, true
			}
		}
	}
	return g, false
}

// calling reads a goroutine that is in a call of the thread with the id: its
// Stack is where it left Go.
func (r *Runtime) calling(addr uint64, tid int) (g Goroutine, ok bool) {
	if addr == 0 || addr%8 != 0 {
		return g, false
	}
	g, status, ok := r.goroutine(addr)
	if !ok || status != statusSyscall || g.Stack.SP < g.Stack.Low || g.Stack.SP >= g.Stack.High {
		return g, false
	}
	id, ok := r.mem.Uint64(g.thread + r.layout.procid())
	return g, ok && g.thread != 0 && id == uint64(tid)
}
