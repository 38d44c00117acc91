package python

import (
	"fmt"
	"path"
)

// frameObject visits the local variables of a frame that something has kept.
func (w *walk) frameObject(s step) {
	mem, l := w.in.mem, &w.in.layout
	at := s.object
	if l.lines == locations { // the frame proper is elsewhere since 3.11
		at, _ = mem.Uint64(s.object + 24)
	}
	w.locals(at, s, w.in.over(at))
}

// generator visits the local variables of a generator or coroutine that waits to
// go on, and what it waits for.
func (w *walk) generator(s step) {
	frame := w.in.generatorFrame(s.object)
	w.locals(frame, s, false)
	if awaited := w.in.awaited(frame); awaited != 0 && suspends(w.in.typeName(awaited)) {
		w.visit(w.named(s, awaited))
	}
}

// suspends reports whether objects of the type have a frame that goes on later.
func suspends(kind string) bool {
	return kind == "generator" || kind == "coroutine" || kind == "async_generator"
}

// generatorFrame returns the frame of a generator or coroutine; 0 of one that is
// over.
func (in *Interpreter) generatorFrame(generator uint64) uint64 {
	frame := generator + in.layout.heap.generator
	if in.layout.lines != locations { // it has it elsewhere until 3.10
		frame, _ = in.mem.Uint64(frame)
	}
	return frame
}

// awaited returns what a generator or coroutine that waits has on top of its
// stack: what it waits for, or 0.
func (in *Interpreter) awaited(frame uint64) uint64 {
	const most = 1 << 16
	var top uint64 // address behind the topmost
	switch h := &in.layout.heap; {
	case in.layout.lines == lnotab: // f_stacktop
		top, _ = in.mem.Uint64(frame + 72)
	case in.layout.lines == linetable: // f_valuestack, f_stackdepth
		base, _ := in.mem.Uint64(frame + 64)
		depth, _ := in.mem.Uint32(frame + 80)
		top = base + 8*uint64(depth)
	case in.layout.borrows: // stackpointer
		top, _ = in.mem.Uint64(frame + h.stackTop)
	default: // stacktop, which counts the local variables
		n, _ := in.mem.Uint32(frame + h.stackTop)
		top = frame + h.locals + 8*uint64(n)
	}
	if top <= frame || top-frame > most && in.layout.lines == locations {
		return 0
	}
	object, _ := in.mem.Uint64(top - 8)
	if in.layout.borrows && (object&^tag == 0 || object&tag == taggedInt) { // the index of an iterator, since 3.15
		object, _ = in.mem.Uint64(top - 16)
	}
	return object &^ tag
}

// locals visits the local variables of a frame. from is what refers to the
// frame, where it is none that runs.
func (w *walk) locals(frame uint64, from step, over bool) {
	l := &w.in.layout
	f, ok := w.in.frame(frame)
	code, _ := w.in.mem.Uint64(frame + l.code)
	if !ok {
		return
	}
	where := fmt.Sprintf(" in %s %s:%d", f.Function, path.Base(f.File), f.Line)
	names, _ := w.in.mem.Uint64((code &^ tag) + l.heap.names)
	i := uint64(0)
	w.tuple(names, func(name uint64) {
		value, _ := w.in.mem.Uint64(frame + l.heap.locals + 8*i)
		i++
		if value &^= tag; value == 0 {
			return
		}
		s := step{object: value, path: w.in.text(name), where: where, over: over}
		if from.path != "" {
			s.path = from.String() + " > " + s.path
		}
		w.visit(s)
	})
}

// tag are the low bits of a _PyStackRef, which are no part of the address
// (Include/internal/pycore_stackref.h, since 3.14).
const tag = 7

// taggedInt is the tag of a number, Py_INT_TAG.
const taggedInt = 3
