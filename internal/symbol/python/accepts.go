package python

// Accepts reports whether a thread is in a function whose code calls accept(),
// by the address of its state: its own, that of ssl or of socketserver, or the
// loop of asyncio, which accepts between two callbacks.
func (in *Interpreter) Accepts(thread uint64) (found bool) {
	if in.layout.objectType != 8 {
		return false // a build without the GIL has another header
	}
	in.frames(thread, func(at uint64) bool {
		f, ok := in.frame(at)
		code, _ := in.mem.Uint64(at + in.layout.code)
		found = ok && (f.Module == "std" && runsOnce(f.Function) || in.looksUp(code&^tag, "accept", "get_request"))
		return !found
	})
	return found
}

// looksUp reports whether a code object looks one of the names up, as a global
// variable, an attribute or a method.
func (in *Interpreter) looksUp(code uint64, names ...string) bool {
	const most = 256
	h := &in.layout.heap
	tuple, _ := in.mem.Uint64(code + h.globals)
	n, _ := in.mem.Uint64(tuple + 16)
	for i := range min(n, most) {
		object, ok := in.mem.Uint64(tuple + h.tuple + 8*i)
		if !ok {
			return false
		}
		if text := in.text(object); text != "" {
			for _, name := range names {
				if text == name {
					return true
				}
			}
		}
	}
	return false
}
