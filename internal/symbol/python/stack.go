package python

import (
	"errors"
	"io"

	"github.com/sockleak/sockleak/internal/memory"
	"github.com/sockleak/sockleak/internal/socket"
)

// Interpreter reads the threads of a CPython process.
type Interpreter struct {
	mem     memory.Words
	runtime uint64
	layout  layout
	codes   map[uint64]code
	states  map[int]uint64 // of threads that were asked for
}

// ErrRelease is returned for releases of Python that are not known.
var ErrRelease = errors.New("the layout of this release of Python is not known")

// New returns a reader of the interpreter of release 3.minor whose _PyRuntime
// is at the address.
func New(mem io.ReaderAt, minor int, runtime uint64) (*Interpreter, error) {
	in := &Interpreter{mem: memory.Words{ReaderAt: mem}, runtime: runtime, codes: map[uint64]code{}, states: map[int]uint64{}}
	var ok bool
	if in.layout, ok = layoutOf(minor, in.mem, runtime); !ok {
		return nil, ErrRelease
	}
	return in, nil
}

// With returns the reader of the same interpreter by another reader of its
// memory, such as one that is read anew.
func (in *Interpreter) With(mem io.ReaderAt) *Interpreter {
	next := *in
	next.mem = memory.Words{ReaderAt: mem}
	return &next
}

// Address is that of _PyRuntime.
func (in *Interpreter) Address() uint64 { return in.runtime }

const (
	mostInterpreters = 256
	mostThreads      = 1 << 15
	mostFrames       = 128
)

// Threads returns the addresses of the thread states by the threads' ids in the
// kernel. wanted says which threads there are.
func (in *Interpreter) Threads(wanted func(tid int) bool) map[int]uint64 {
	found := map[int]uint64{}
	in.eachThread(func(state uint64) {
		if tid := in.tid(state, wanted); tid != 0 {
			found[tid] = state
		}
	})
	return found
}

// Thread returns the address of the state of one thread, 0 where there is none. It
// remembers where that was: a program may have thousands.
func (in *Interpreter) Thread(tid int) uint64 {
	mine := func(id int) bool { return id == tid }
	if state := in.states[tid]; state != 0 && in.linked(state) && in.tid(state, mine) == tid {
		return state
	}
	if len(in.states) >= mostThreads {
		clear(in.states)
	}
	state := in.Threads(mine)[tid]
	in.states[tid] = state
	return state
}

// linked reports whether a thread state is still in the list of its interpreter:
// that of a thread which has ended is memory that others may have by now.
func (in *Interpreter) linked(state uint64) (found bool) {
	const word = 8 // PyThreadState.prev stands before next
	previous, ok := in.mem.Uint64(state + in.layout.threadNext - word)
	if previous != 0 {
		next, _ := in.mem.Uint64(previous + in.layout.threadNext)
		return ok && next == state
	}
	in.eachInterpreter(func(interpreter uint64) {
		first, _ := in.mem.Uint64(interpreter + in.layout.threads)
		found = found || ok && first == state
	})
	return found
}

// eachThread calls do with the address of each thread state.
func (in *Interpreter) eachThread(do func(state uint64)) {
	seen := map[uint64]bool{} // a list may bite its tail
	in.eachInterpreter(func(interpreter uint64) {
		thread, _ := in.mem.Uint64(interpreter + in.layout.threads)
		for thread != 0 && !seen[thread] && len(seen) < mostThreads {
			seen[thread] = true
			do(thread)
			thread, _ = in.mem.Uint64(thread + in.layout.threadNext)
		}
	})
}

// eachInterpreter calls do with the address of each interpreter state.
func (in *Interpreter) eachInterpreter(do func(interpreter uint64)) {
	at, _ := in.mem.Uint64(in.runtime + in.layout.interpreters)
	for n := 0; at != 0 && n < mostInterpreters; n++ {
		do(at)
		at, _ = in.mem.Uint64(at + in.layout.interpreterNext)
	}
}

// tid returns the thread's id in the kernel. Until Python 3.10 only the address
// of its struct pthread is known, in which glibc keeps it: at 720 on x86-64, at
// 208 on arm64 (nptl/descr.h).
func (in *Interpreter) tid(thread uint64, wanted func(int) bool) int {
	if in.layout.nativeID != 0 {
		id, _ := in.mem.Uint64(thread + in.layout.nativeID)
		if id > 0 && id < 1<<31 && wanted(int(id)) {
			return int(id)
		}
		return 0
	}
	pthread, _ := in.mem.Uint64(thread + in.layout.pthread)
	for _, offset := range []uint64{720, 208} {
		if id, ok := in.mem.Uint32(pthread + offset); ok && pthread != 0 && id > 0 && id < 1<<31 && wanted(int(id)) {
			return int(id)
		}
	}
	return 0
}

// Stack returns the frames of a thread by the address of its state, the
// innermost first.
func (in *Interpreter) Stack(thread uint64) []socket.Frame {
	var frames []socket.Frame
	in.frames(thread, func(at uint64) bool {
		if f, ok := in.frame(at); ok {
			frames = append(frames, f)
		}
		return len(frames) < mostFrames
	})
	return frames
}

// frames calls do with the address of each frame of a thread, the innermost
// first, until it returns false.
func (in *Interpreter) frames(thread uint64, do func(at uint64) bool) {
	l := &in.layout
	at := thread + l.frame
	if l.cframe != 0 {
		cframe, _ := in.mem.Uint64(thread + l.cframe)
		at = cframe + l.frame
	}
	frame, _ := in.mem.Uint64(at)
	for n := 0; frame != 0 && n < 2*mostFrames && do(frame); n++ {
		next, _ := in.mem.Uint64(frame + l.previous)
		if next == frame {
			break
		}
		frame = next
	}
}

// over reports whether the function of a frame has ended: something has kept
// the frame.
func (in *Interpreter) over(frame uint64) bool {
	l := &in.layout
	at := frame + l.owner
	switch l.lines {
	case lnotab: // f_executing, and f_gen of a generator
		generator, _ := in.mem.Uint64(frame + 96)
		b, ok := in.mem.Bytes(frame+116, 1, 1)
		return ok && b[0] == 0 && generator == 0
	case linetable:
		at = frame + 108 // f_state: FRAME_EXECUTING is 0, what is above has ended
		b, ok := in.mem.Bytes(at, 1, 1)
		return ok && int8(b[0]) > 0
	}
	const ownedByFrameObject = 2
	b, ok := in.mem.Bytes(at, 1, 1)
	return ok && b[0] == ownedByFrameObject
}

// frame reads a frame; ok is false for one of C code, or of none.
func (in *Interpreter) frame(at uint64) (f socket.Frame, ok bool) {
	l := &in.layout
	if l.owner != 0 {
		owner, ok := in.mem.Bytes(at+l.owner, 1, 1)
		if !ok || owner[0] >= ownedByInterpreter {
			return f, false
		}
	}
	var p Position
	p.Code, _ = in.mem.Uint64(at + l.code)
	if p.Instruction, ok = in.mem.Uint64(at + l.instruction); !ok {
		return f, false
	}
	return in.named(p)
}

// Position is where a frame is: the address of its code object, and what it
// says of the instruction.
type Position struct{ Code, Instruction uint64 }

// Frames names positions. Those that are of no code object, as the frames that
// stand for C code, are left out.
func (in *Interpreter) Frames(list []Position) []socket.Frame {
	var frames []socket.Frame
	for _, p := range list {
		if f, ok := in.named(p); ok && f.File != "<shim>" { // Python/specialize.c, _Py_MakeShimCode
			frames = append(frames, f)
		}
	}
	return frames
}

func (in *Interpreter) named(p Position) (f socket.Frame, ok bool) {
	l := &in.layout
	p.Code &^= tag
	c, ok := in.code(p.Code)
	if !ok {
		return f, false
	}
	instruction := -1
	switch l.lines {
	case lnotab:
		instruction = int(int32(p.Instruction))
	case linetable:
		instruction = 2 * int(int32(p.Instruction)) // it counts instructions
	case locations:
		instruction = int(int64(p.Instruction - p.Code - l.bytecode))
	}
	f = c.Frame
	if instruction >= 0 && instruction < min(2*c.units, mostCode) {
		f.Line = line(l.lines, c.table, c.first, instruction)
	}
	return f, true
}
