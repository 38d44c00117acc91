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
	textKind                           int    // of PyASCIIObject.state: the bit that kind, compact and ascii begin at
	units                              uint64 // of PyCodeObject: how many instructions it has; 0 until 3.10
	bytesSize, bytesValue              uint64 // PyBytesObject

	lines lineFormat

	borrows bool // a frame has references with tags (_PyStackRef), since 3.14

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
	globals    uint64 // of PyCodeObject: co_names, what its code looks up by name
	generator  uint64 // of PyGenObject: its frame, until 3.10 the address of that
	stackTop   uint64 // of the frame, since 3.11: where its stack ends, of a generator that waits
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

// ownedByInterpreter is _frameowner: from it on a frame stands for C code, since 3.12.
const ownedByInterpreter = 3

// layoutOf returns the layout of a release 3.minor.
func layoutOf(minor int, mem memory.Words, runtime uint64) (layout, bool) {
	l := layout{
		objectType: 8, typeName: 24, textLength: 16, textState: 32, ascii: 48, wide: 72, bytesSize: 16, bytesValue: 32,
		threadNext: 8, file: 112, textKind: 2,
	}
	switch minor {
	case 9, 10:
		l.interpreters, l.threads, l.pthread, l.frame = 32, 8, 176, 24
		l.previous, l.code, l.instruction = 24, 32, 104
		l.name, l.file, l.firstLine, l.lineTable, l.lines = 112, 104, 40, 120, lnotab
		l.heap = heapLayout{modules: 856, names: 72, globals: 64, locals: 360, tuple: 24, generator: 16}
		if minor == 10 {
			l.instruction, l.lines, l.heap.locals = 96, linetable, 352
		}
		return l, true
	case 11:
		l.interpreters, l.threads, l.nativeID, l.cframe, l.frame = 40, 16, 160, 56, 8
		l.code, l.previous, l.instruction, l.owner = 32, 48, 56, 69
		l.firstLine, l.lineTable, l.bytecode, l.lines, l.name, l.units = 72, 136, 184, locations, 128, 16
		l.heap = heapLayout{modules: 888, names: 96, globals: 32, locals: 72, cachedKeys: 872, tuple: 24, generator: 80, stackTop: 64, attributes: beforeSplit}
		return l, true
	case 12:
		l.interpreters, l.threads, l.nativeID, l.cframe, l.frame = 40, 72, 144, 56, 0
		l.code, l.previous, l.instruction, l.owner = 0, 8, 56, 70
		l.firstLine, l.lineTable, l.bytecode, l.lines, l.name, l.units = 68, 136, 192, locations, 128, 16
		l.ascii, l.wide = 40, 56
		l.heap = heapLayout{modules: 944, names: 96, globals: 32, locals: 72, cachedKeys: 880, tuple: 24, generator: 72, stackTop: 64, attributes: beforeTagged}
		return l, true
	}
	return published(minor, mem, runtime)
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
