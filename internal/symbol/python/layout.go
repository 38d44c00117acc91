package python

import "github.com/sockleak/sockleak/internal/memory"

// layout holds the offsets of the fields that are read, in bytes, of the
// builds for 64 bits. Until 3.12 they were taken with offsetof from each
// release's headers; from 3.13 on the interpreter publishes them.
type layout struct {
	interpreters uint64 // _PyRuntimeState.interpreters.head

	interpreterNext, threads uint64 // PyInterpreterState

	// PyThreadState. nativeID is 0 until 3.10, when only the address of the
	// thread's struct pthread was kept. cframe is 0 where frame is in it.
	threadNext, pthread, nativeID, cframe, frame uint64

	// The frame: PyFrameObject until 3.10, _PyInterpreterFrame since.
	code, previous, instruction, owner uint64

	// PyCodeObject. bytecode is where the instructions begin in it.
	name, file, firstLine, lineTable, bytecode uint64

	objectType, typeName               uint64 // PyObject, PyTypeObject
	textLength, textState, ascii, wide uint64 // PyASCIIObject, and where the text begins
	bytesSize, bytesValue              uint64 // PyBytesObject

	lines lineFormat

	heap heapLayout
}

// heapLayout holds what the search for references needs beyond: see refs.go.
type heapLayout struct {
	modules    uint64 // of PyInterpreterState: the dict that is sys.modules
	names      uint64 // of PyCodeObject: co_localsplusnames, co_varnames until 3.10
	locals     uint64 // of the frame: its local variables
	cachedKeys uint64 // of PyHeapTypeObject: the names of the attributes of its objects
	values     uint64 // of PyDictValues: where they begin
	tuple      uint64 // of PyTupleObject: where its items begin
	attributes attributeStore
}

// attributeStore says where an object has its attributes.
type attributeStore uint8

const (
	inDict       attributeStore = iota // in a dict at tp_dictoffset, until 3.10
	beforeSplit                        // two words before the object: values and dict, 3.11
	beforeTagged                       // one word before it: a dict, or values with a tag, 3.12
	inline                             // behind the object itself, since 3.13
)

// lineFormat says how a code object tells lines.
type lineFormat uint8

const (
	lnotab    lineFormat = iota // co_lnotab, until 3.9
	linetable                   // PEP 626, 3.10
	locations                   // PEP 657, since 3.11 (Objects/locations.md)
)

// ownedByCStack is _frameowner: a frame that stands for C code (3.12 and 3.13).
const ownedByCStack = 3

// layoutOf returns the layout of a release 3.minor.
func layoutOf(minor int, mem memory.Words, runtime uint64) (layout, bool) {
	l := layout{
		objectType: 8, typeName: 24, textLength: 16, textState: 32, ascii: 48, wide: 72, bytesSize: 16, bytesValue: 32,
		threadNext: 8, file: 112,
	}
	switch minor {
	case 9, 10:
		l.interpreters, l.threads, l.pthread, l.frame = 32, 8, 176, 24
		l.previous, l.code, l.instruction = 24, 32, 104
		l.name, l.file, l.firstLine, l.lineTable, l.lines = 112, 104, 40, 120, lnotab
		l.heap = heapLayout{modules: 856, names: 72, locals: 360, tuple: 24}
		if minor == 10 {
			l.instruction, l.lines, l.heap.locals = 96, linetable, 352
		}
		return l, true
	case 11:
		l.interpreters, l.threads, l.nativeID, l.cframe, l.frame = 40, 16, 160, 56, 8
		l.code, l.previous, l.instruction, l.owner = 32, 48, 56, 69
		l.firstLine, l.lineTable, l.bytecode, l.lines, l.name = 72, 136, 184, locations, 128
		l.heap = heapLayout{modules: 888, names: 96, locals: 72, cachedKeys: 872, tuple: 24, attributes: beforeSplit}
		return l, true
	case 12:
		l.interpreters, l.threads, l.nativeID, l.cframe, l.frame = 40, 72, 144, 56, 0
		l.code, l.previous, l.instruction, l.owner = 0, 8, 56, 70
		l.firstLine, l.lineTable, l.bytecode, l.lines, l.name = 68, 136, 192, locations, 128
		l.ascii, l.wide = 40, 56
		l.heap = heapLayout{modules: 944, names: 96, locals: 72, cachedKeys: 880, tuple: 24, attributes: beforeTagged}
		return l, true
	case 13:
		return published(mem, runtime)
	}
	return l, false
}

// debugCookie is what _PyRuntime begins with since 3.13.
const debugCookie = "xdebugpy"

// published returns the layout that the interpreter publishes at _PyRuntime:
// struct _Py_DebugOffsets of Include/internal/pycore_runtime.h, 3.13. Later
// releases have other fields in it.
func published(mem memory.Words, runtime uint64) (l layout, ok bool) {
	head, ok := mem.Bytes(runtime, 8, 8)
	if !ok || string(head) != debugCookie {
		return l, false
	}
	word := func(i uint64) uint64 { v, _ := mem.Uint64(runtime + 8*i); return v }
	if word(1)>>16 != 0x030d {
		return l, false
	}
	l = layout{
		interpreters: word(5), interpreterNext: word(8), threads: word(9),
		threadNext: word(21), frame: word(23), pthread: word(24), nativeID: word(25),
		previous: word(29), code: word(30), instruction: word(31), owner: word(33),
		file: word(35), name: word(37), lineTable: word(38), firstLine: word(39), bytecode: word(43),
		objectType: word(45), typeName: word(47), bytesSize: word(65), bytesValue: word(66),
		textState: word(68), textLength: word(69), ascii: word(70), lines: locations,
	}
	l.heap = heapLayout{modules: word(11), names: word(41), locals: word(32), cachedKeys: 880, values: 8, tuple: word(51), attributes: inline}
	l.wide = l.ascii + 16 // PyCompactUnicodeObject has utf8_length and utf8 behind it
	for _, offset := range []uint64{
		l.interpreters, l.interpreterNext, l.threads, l.threadNext, l.frame, l.nativeID, l.previous, l.code,
		l.instruction, l.owner, l.file, l.name, l.lineTable, l.firstLine, l.bytecode, l.objectType, l.typeName,
		l.bytesSize, l.bytesValue, l.textState, l.textLength, l.ascii, l.heap.modules, l.heap.names, l.heap.locals, l.heap.tuple,
	} {
		if offset > 1<<20 {
			return l, false
		}
	}
	return l, true
}

// Offsets are those of the fields by which a tracer finds the frames of a thread
// itself. Pthread is that of the address of the thread's struct pthread in
// PyThreadState; CFrame is 0 where Frame is in that.
type Offsets struct {
	Interpreters, InterpreterNext, Threads, ThreadNext, Pthread, CFrame, Frame uint64
	Code, Previous, Instruction                                                uint64
}

// Offsets returns those of the interpreter's release.
func (in *Interpreter) Offsets() Offsets {
	l := &in.layout
	o := Offsets{
		l.interpreters, l.interpreterNext, l.threads, l.threadNext, l.pthread, l.cframe, l.frame,
		l.code, l.previous, l.instruction,
	}
	if o.Pthread == 0 { // thread_id stands before native_thread_id
		o.Pthread = l.nativeID - 8
	}
	return o
}
