package python

// Accepting tells which threads are to accept connections.
type Accepting struct {
	in    *Interpreter
	known map[uint64]bool // by the address of a code object
}

// Accepting returns one for the interpreter as it is now.
func (in *Interpreter) Accepting() *Accepting { return &Accepting{in, map[uint64]bool{}} }

// Thread reports whether a thread is in a function whose code calls accept(), by
// the address of its state: its own, that of ssl or of socketserver, or the loop
// of asyncio, which accepts between two callbacks.
func (a *Accepting) Thread(thread uint64) (found bool) {
	in := a.in
	if in.layout.objectType != 8 {
		return false // a build without the GIL has another header
	}
	in.frames(thread, func(at uint64) bool {
		code, _ := in.mem.Uint64(at + in.layout.code)
		accepts, known := a.known[code]
		if !known {
			f, ok := in.frame(at)
			accepts = ok && (f.Module == "std" && runsOnce(f.Function) || in.looksUp(code&^tag, "accept", "get_request"))
			a.known[code] = accepts
		}
		found = accepts
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
