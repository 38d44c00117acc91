package python

import "github.com/sockleak/sockleak/internal/memory"

// debugOffsets has, of one release, at which words of struct _Py_DebugOffsets
// (Include/internal/pycore_debug_offsets.h) it publishes the offsets of fields.
// 0 stands for one that it does not publish.
type debugOffsets struct {
	interpreters, interpreterNext, threads, modules      uint64
	threadNext, frame, pthread, nativeID                 uint64
	previous, code, instruction, locals, owner           uint64
	file, qualname, lineTable, firstLine, localNames     uint64
	bytecode, objectType, typeName, cachedKeys           uint64
	tuple, tupleSize, bytesSize, bytesValue              uint64
	textState, textLength, asciiSize, compactUnicodeSize uint64
}

// offsetsOf returns those of release 3.minor.
func offsetsOf(minor int) (d debugOffsets, ok bool) {
	switch minor {
	case 13:
		return debugOffsets{5, 8, 9, 11, 21, 23, 24, 25, 29, 30, 31, 32, 33, 35, 37, 38, 39, 41, 43, 45, 47, 0, 51, 52, 65, 66, 68, 69, 70, 0}, true
	case 14:
		return debugOffsets{5, 8, 9, 12, 24, 26, 27, 28, 32, 33, 34, 35, 36, 40, 42, 43, 44, 46, 48, 51, 53, 0, 57, 58, 75, 76, 78, 79, 80, 0}, true
	case 15:
		return debugOffsets{5, 8, 9, 12, 24, 26, 30, 31, 40, 41, 42, 43, 44, 48, 50, 51, 52, 54, 56, 59, 61, 67, 69, 70, 87, 88, 90, 91, 92, 93}, true
	}
	return d, false
}

// debugCookie is what _PyRuntime begins with since 3.13.
const debugCookie = "xdebugpy"

// published returns the layout that the interpreter publishes at _PyRuntime. It
// counts only when it is that of the release: the struct has grown in each.
func published(minor int, mem memory.Words, runtime uint64) (l layout, ok bool) {
	const farthest = 1 << 20 // no struct is as large
	d, known := offsetsOf(minor)
	head, read := mem.Bytes(runtime, 8, 8)
	version, _ := mem.Uint64(runtime + 8) // PY_VERSION_HEX
	freeThreaded, _ := mem.Uint64(runtime + 16)
	if !known || !read || string(head) != debugCookie || version>>16 != uint64(0x0300|minor) {
		return l, false
	}
	ok = true
	at := func(word uint64) uint64 {
		offset, read := mem.Uint64(runtime + 8*word)
		ok = ok && read && offset <= farthest
		return offset
	}
	l = layout{
		interpreters: at(d.interpreters), interpreterNext: at(d.interpreterNext), threads: at(d.threads),
		threadNext: at(d.threadNext), frame: at(d.frame), pthread: at(d.pthread), nativeID: at(d.nativeID),
		previous: at(d.previous), code: at(d.code), instruction: at(d.instruction), owner: at(d.owner),
		file: at(d.file), name: at(d.qualname), lineTable: at(d.lineTable), firstLine: at(d.firstLine), bytecode: at(d.bytecode),
		objectType: at(d.objectType), typeName: at(d.typeName), bytesSize: at(d.bytesSize), bytesValue: at(d.bytesValue),
		textState: at(d.textState), textLength: at(d.textLength), ascii: at(d.asciiSize), units: at(d.tupleSize),
		lines: locations, textKind: 2, borrows: minor >= 14,
	}
	if freeThreaded != 0 && minor >= 14 {
		l.textKind = 8 // interned is a byte, and no field of bits
	}
	l.heap = heapLayout{modules: at(d.modules), names: at(d.localNames), globals: 32, locals: at(d.locals), cachedKeys: 880, values: 8, tuple: at(d.tuple), generator: 72, stackTop: 64, attributes: inline}
	l.wide = l.ascii + 16 // PyCompactUnicodeObject has utf8_length and utf8 behind it
	if d.cachedKeys != 0 {
		l.heap.cachedKeys, l.wide = at(d.cachedKeys), at(d.compactUnicodeSize)
	}
	return l, ok
}
